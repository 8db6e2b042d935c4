// The same as steadysocket.mjs, with the kernel in JavaScript.
import { SteadySocket } from "../../dist/js/steadysocket.js";
import { connector } from "./connector.mjs";

export const connect = connector(SteadySocket);
