import { play } from "./scene.js";

self.onmessage = ({ ports: [port] }) => play(port);
parent.postMessage("ready");
