// `node --import` of this file makes Node 20 run programs for the web: it has no WebSocket, so this
// adds that of the ws package. Emscripten 3.1.6 finds the .wasm file of a program only without fetch.
import WebSocket from "ws";

globalThis.WebSocket = WebSocket;
delete globalThis.fetch;
