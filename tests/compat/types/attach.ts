// The entry steadysocket/attach: the same class as in other entries, with types of messages.
import { attach, detach, type SteadyCloseEvent, whenShared } from "steadysocket/attach";

interface Incoming {
  chat: { type: "chat"; from: string };
}
type Outgoing = { type: "chat"; text: string };
declare const Module: { canvas: unknown };

const socket = attach<Incoming, Outgoing>(Module, "game", { requests: { idMember: "seq" } });
socket.on("chat", ({ from }) => from satisfies string);
socket.send({ type: "chat", text: "hello" });
socket.addEventListener("close", (event) => event satisfies SteadyCloseEvent);
// @ts-expect-error - there is no such message
socket.on("move", () => {});
// @ts-expect-error - only the C++ program sets the queue
attach(Module, "game", { queue: { maxMessages: 1 } });
const webSocket: WebSocket = attach(Module, "game");
webSocket.close();

export async function wait(signal: AbortSignal): Promise<void> {
  const waited = await whenShared<Incoming>(Module, "game", { signal });
  detach(waited);
}
