// Node 20 has no WebSocket of its own: node --import of this gives it the one of the ws package.
import WebSocket from "ws";

globalThis.WebSocket = WebSocket;
