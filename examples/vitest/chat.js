import { SteadySocket } from "steadysocket";

/** A chat: `lines` has what was received, `say` sends. `options` are those of SteadySocket. */
export function openChat(url, options) {
  const socket = new SteadySocket(url, [], options);
  const lines = [];
  socket.on("chat", ({ text }) => lines.push(text));
  return { socket, lines, say: (text) => socket.send({ type: "chat", text }) };
}
