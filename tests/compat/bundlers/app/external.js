import { load, SteadySocket } from "steadysocket/external";
import { greet } from "./greet.js";

await load();
greet(SteadySocket);
