// The hooks infer types from the socket.

import type { SteadySocket } from "steadysocket";
import { SteadySocket as CoreSocket } from "steadysocket/core";
import {
  type SteadyState,
  useLatest,
  useSteadyMessage,
  useSteadySocket,
  useSteadyState,
} from "steadysocket/react";

interface Incoming {
  chat: { text: string };
  cursor: { user: number; x: number };
}
type Outgoing = { type: "chat"; text: string };

const socket: SteadySocket<Incoming, Outgoing> = useSteadySocket<Incoming, Outgoing>(
  async () => new URL("wss://example.org/"),
  { key: "chat", protocols: ["a"], heartbeat: true, greet: (connection) => connection.send("x") },
);
useSteadySocket("wss://example.org/", {
  // @ts-expect-error: the hooks use startSuspended
  startClosed: true,
});
// @ts-expect-error: not a message of Outgoing
socket.send({ type: "chart" });

const state: SteadyState = useSteadyState(socket);
const seconds: number = (state.retryIn ?? 0) / 1000 + state.queued;
const isOpen: boolean = useSteadyState(socket, (view) => view.state === "open");
// @ts-expect-error: a selector may not send
useSteadyState(socket, (view) => view.send("x"));

useSteadyMessage(socket, "chat", ({ text }) => text.length);
useSteadyMessage(socket, "*", (message) =>
  "text" in message ? message.text : message.x.toFixed(),
);
// @ts-expect-error: no such type of message
useSteadyMessage(socket, "chart", () => {});
// @ts-expect-error: no such member
useSteadyMessage(socket, "chat", ({ x }) => x);

const last: { text: string } | undefined = useLatest(socket, "chat");
const cursors: ReadonlyMap<number, { user: number; x: number }> = useLatest(socket, "cursor", {
  key: "user",
});
const halves: ReadonlyMap<boolean, { user: number; x: number }> = useLatest(socket, "cursor", {
  key: ({ x }) => x > 0.5,
});
// @ts-expect-error: no such member
useLatest(socket, "cursor", { key: "y" });

const core = new CoreSocket<Incoming>("wss://example.org/");
useSteadyMessage(core, "cursor", ({ x }) => x.toFixed());
const untyped = useSteadySocket("wss://example.org/");
useSteadyMessage(untyped, "anything", (message) => message.any.member);
useSteadyState(untyped);

export { cursors, halves, isOpen, last, seconds };
