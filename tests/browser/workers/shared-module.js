import { play } from "./scene.js";

self.onconnect = ({ ports: [port] }) => play(port);
