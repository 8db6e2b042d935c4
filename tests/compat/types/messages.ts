// The types of messages: every line is compiled, none is run.
import {
  type MessageStream,
  type SendResult,
  SteadySocket,
  type SteadySocketOptions,
} from "steadysocket";
import * as v from "valibot";
import { z } from "zod";

/** True if the two types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_Holds extends true>(): void {}

interface Incoming {
  chat: { text: string };
  move: { x: number; y: number };
}
type Outgoing = { type: "chat"; text: string } | { type: "join"; room: string };

const socket = new SteadySocket<Incoming, Outgoing>("wss://example.org/chat");

socket.on("chat", (message) => is<Same<typeof message, { text: string }>>());
socket.once("move", ({ x }) => is<Same<typeof x, number>>());
socket.on("*", (message) => is<Same<typeof message, Incoming["chat"] | Incoming["move"]>>());
const onChat = ({ text }: { text: string }) => text;
socket.on("chat", onChat);
socket.off("chat", onChat);
// @ts-expect-error - there is no such type
socket.on("chatt", () => {});
// @ts-expect-error - a chat has no x
socket.on("chat", ({ x }) => x);

const next = socket.next("move", { timeout: 1_000, signal: AbortSignal.timeout(1_000) });
is<Same<typeof next, Promise<{ x: number; y: number }>>>();
const moves = socket.messages("move", { overflow: "drop_oldest", maxMessages: 10 });
is<Same<typeof moves, MessageStream<{ x: number; y: number }>>>();
for await (const move of moves) is<Same<typeof move, { x: number; y: number }>>();
// @ts-expect-error - there is no such type
socket.next("jump");
// @ts-expect-error - there is no such policy
socket.messages("move", { overflow: "drop" });

const result = socket.send({ type: "chat", text: "hello" });
is<Same<typeof result, SendResult>>();
socket.send(new Uint8Array(3));
// @ts-expect-error - a chat has a string `text`
socket.send({ type: "chat" });
// @ts-expect-error - Outgoing has no strings
socket.send("hello");
const { outcome } = socket.send({ type: "join", room: "a" }, { track: true });
outcome.then((end) => is<Same<typeof end.status, "sent" | "delivered" | "dropped">>());

const room = await socket.request<{ users: string[] }>(
  { type: "join", room: "a" },
  { retry: true },
);
is<Same<typeof room, { users: string[] }>>();
// @ts-expect-error - Outgoing has no such message
socket.request({ type: "leave" });
socket.handle("move", ({ x, y }) => ({ distance: x + y }));
// @ts-expect-error - there is no such type
socket.handle("jump", () => {});

const opened = await socket.opened;
is<Same<typeof opened, SteadySocket<Incoming, Outgoing>>>();

// Handlers receive the validators' results, with the validators' types.
const validated = new SteadySocket("wss://example.org", [], {
  schemas: {
    chat: z.object({ text: z.string(), at: z.string().transform((text) => new Date(text)) }),
    move: v.object({ x: v.number() }),
  },
});
validated.on("chat", (chat) => is<Same<typeof chat, { text: string; at: Date }>>());
validated.on("move", (move) => is<Same<typeof move, { x: number }>>());
// @ts-expect-error - there is no such type
validated.on("jump", () => {});
new SteadySocket<Incoming>("wss://example.org", [], {
  // @ts-expect-error - a chat has a string `text`
  schemas: { chat: z.object({ name: z.string() }) },
});
const checked = await validated.request({ type: "x" }, { schema: z.object({ n: z.number() }) });
is<Same<typeof checked, { n: number }>>();

// Without types any message is accepted.
const plain = new SteadySocket("wss://example.org");
plain.on("anything", (message) => message.what.ever);
plain.on("typed", ({ x }: { x: number }) => x);
plain.send("text");
plain.send({ any: "object" });
plain.send(new Blob([]), { ttl: 5, key: "k", priority: "high" });
// @ts-expect-error - not a string, binary data or an object
plain.send(5);

// Watching.
const seconds = socket.watch(({ retryIn }) => (retryIn ?? 0) / 1_000);
is<Same<ReturnType<typeof seconds.get>, number>>();
const endWatching: () => void = seconds.subscribe((value) => value.toFixed());
endWatching();
// @ts-expect-error - a selection has no x
socket.watch(({ state }) => state).subscribe(({ x }) => x);
// @ts-expect-error - there is no such choice
socket.watch(({ state }) => state, { every: "second" });

// Options.
const options: SteadySocketOptions = { reconnect: { initialDelay: 5 }, maxRetries: 3 };
new SteadySocket(
  () => "wss://example.org",
  async () => ["chat"],
  options,
);
new SteadySocket(new URL("wss://example.org"), "chat", { reconnect: false });
new SteadySocket("wss://example.org", null);
// @ts-expect-error - there is no such option
new SteadySocket("wss://example.org", [], { reconect: {} });
