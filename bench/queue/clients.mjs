// Clients that receive messages to send before they are connected.
import PartyWebSocket from "partysocket/ws";
import ReconnectingWebSocket from "reconnecting-websocket";
import { SteadySocket } from "../../dist/steadysocket.js";

const limits = { maxMessages: 1_000_000, maxBytes: 1_000_000_000 };

/** name -> (WebSocket) => send(text) */
export const clients = {
  "raw and an array": (WebSocket) => {
    const socket = new WebSocket("ws://stub.test/");
    const waiting = [];
    socket.onopen = () => {
      for (const text of waiting) socket.send(text);
      waiting.length = 0;
    };
    return (text) => waiting.push(text);
  },
  steadysocket: (WebSocket) => {
    const socket = new SteadySocket("ws://stub.test/", [], { WebSocket, queue: limits });
    return (text) => socket.send(text);
  },
  "reconnecting-websocket": (WebSocket) => {
    const socket = new ReconnectingWebSocket("ws://stub.test/", [], { WebSocket });
    return (text) => socket.send(text);
  },
  partysocket: (WebSocket) => {
    const socket = new PartyWebSocket("ws://stub.test/", [], { WebSocket });
    return (text) => socket.send(text);
  },
};
