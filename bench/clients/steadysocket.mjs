import { SteadySocket } from "../../dist/steadysocket.js";
import { connector } from "./connector.mjs";

export const connect = connector(SteadySocket);
