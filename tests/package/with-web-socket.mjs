// Node 20 has no WebSocket: `node --import` of this file adds that of the ws package.
import WebSocket from "ws";

globalThis.WebSocket = WebSocket;
