// The composables infer types from the socket, with or without a ref.
import type { SteadySocket } from "steadysocket";
import {
  type SteadyState,
  useLatest,
  useSteadyMessage,
  useSteadySocket,
  useSteadyState,
} from "steadysocket/vue";
import { computed, type Ref, ref, type ShallowRef } from "vue";

interface Incoming {
  chat: { text: string };
  cursor: { user: number; x: number };
}

const room = ref("lobby");
const socket: Readonly<ShallowRef<SteadySocket<Incoming>>> = useSteadySocket<Incoming>(
  computed(() => `wss://example.org/${room.value}`),
  { key: "chat" },
);
useSteadySocket(ref("wss://example.org/"));
useSteadySocket(async () => "wss://example.org/");
// @ts-expect-error: a ref of something else
useSteadySocket(ref(1));

const state: Readonly<Ref<SteadyState>> = useSteadyState(socket);
const isOpen: Readonly<Ref<boolean>> = useSteadyState(
  socket.value,
  (view) => view.state === "open",
);
useSteadyMessage(socket, "chat", ({ text }) => text.length);
useSteadyMessage(socket, "*", (message) =>
  "text" in message ? message.text : message.x.toFixed(),
);
useSteadyMessage(socket.value, "cursor", ({ x }) => x.toFixed());
// @ts-expect-error: no such type of message
useSteadyMessage(socket, "chart", () => {});
const last: Readonly<Ref<{ text: string } | undefined>> = useLatest(socket, "chat");
const cursors: Readonly<Ref<ReadonlyMap<number, { x: number }>>> = useLatest(socket, "cursor", {
  key: "user",
});
// @ts-expect-error: read only
last.value = undefined;

export { cursors, isOpen, state };
