import { play } from "./scene.js";

const { port1, port2 } = new MessageChannel();
globalThis.port = port1;
play(port2);
