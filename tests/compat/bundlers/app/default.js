import { SteadySocket } from "steadysocket";
import { greet } from "./greet.js";

greet(SteadySocket);
