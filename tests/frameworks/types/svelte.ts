// Svelte's stores infer types from the socket.
import {
  latest,
  onSteadyMessage,
  type SteadyState,
  steadySocket,
  steadyState,
} from "steadysocket/svelte";
import { derived, fromStore, get, type Readable } from "svelte/store";

interface Incoming {
  chat: { text: string };
  cursor: { user: number; x: number };
}

const socket = steadySocket<Incoming, { type: "chat" }>("wss://example.org/", { key: "chat" });
socket.send({ type: "chat" });
const connection: Readable<SteadyState> = steadyState(socket);
const isOpen: Readable<boolean> = steadyState(socket, (view) => view.state === "open");
const cursors: Readable<ReadonlyMap<number, { x: number }>> = latest(socket, "cursor", {
  key: "user",
});
const text: Readable<string> = derived(latest(socket, "chat"), (message) => message?.text ?? "");
const count: number = get(cursors).size + fromStore(connection).current.queued;
onSteadyMessage(socket, "cursor", ({ x }) => x.toFixed());
onSteadyMessage(socket, "*", (message) => ("text" in message ? message.text : message.x.toFixed()));
// @ts-expect-error: no such type of message
onSteadyMessage(socket, "chart", () => {});
// @ts-expect-error: no such member
latest(socket, "cursor", { key: "y" });

export { count, isOpen, text };
