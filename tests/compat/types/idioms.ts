// Idioms of code that uses WebSocket, which must compile unchanged when an import replaces the
// platform's class: types.test.mjs compiles this file without an import and with several.

interface Message {
  type: string;
  text?: string;
}
declare function show(message: Message): void;

// Handlers: the event's type inferred, named, with a type argument, narrower and destructured.
const ws = new WebSocket("wss://example.org");
ws.onmessage = (ev) => JSON.parse(ev.data);
ws.onmessage = (ev: MessageEvent) => show(JSON.parse(ev.data));
// biome-ignore lint/suspicious/noExplicitAny: an idiom
ws.onmessage = (ev: MessageEvent<any>) => show(ev.data);
ws.onmessage = (ev: MessageEvent<string>) => show(JSON.parse(ev.data));
ws.onmessage = async (ev: MessageEvent<Blob>) => show(JSON.parse(await ev.data.text()));
ws.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => new DataView(data).getUint8(0);
ws.onmessage = ({ data }) => show(JSON.parse(data) as Message);
ws.onmessage = (event: { data: string }) => event.data.length;
ws.onmessage = (ev: Event) => ev.type;
ws.onmessage = function (ev) {
  this.send(ev.data);
};
ws.onopen = () => ws.send("hello");
ws.onopen = (ev: Event) => ev.timeStamp;
ws.onopen = function () {
  this.send("hello");
};
ws.onclose = (ev) => ev.wasClean && ev.code === 1000 && ev.reason === "";
ws.onclose = (ev: CloseEvent) => `${ev.code} ${ev.reason}`;
ws.onclose = (ev: Event) => ev.type;
ws.onclose = ({ code, reason }: CloseEvent) => [code, reason];
ws.onerror = (ev) => console.error("socket", ev);
ws.onerror = (ev: Event) => ev.target;
ws.onerror = console.error;
const saved = ws.onmessage;
ws.onmessage = saved;
ws.onmessage?.(new MessageEvent("message", { data: "{}" }));
ws.onopen = ws.onmessage = ws.onerror = ws.onclose = null;

// Listeners.
ws.addEventListener("message", (ev) => show(JSON.parse(ev.data)));
ws.addEventListener("message", (ev: MessageEvent) => show(JSON.parse(ev.data)));
ws.addEventListener("message", (ev: MessageEvent<string>) => show(JSON.parse(ev.data)));
ws.addEventListener("message", async ({ data }) => show(await data));
ws.addEventListener("open", () => ws.send("hello"), { once: true });
ws.addEventListener("open", function () {
  this.send("hello");
});
ws.addEventListener("close", (ev: CloseEvent) => ev.code);
ws.addEventListener("close", ({ code, wasClean }) => code > 1000 && wasClean);
ws.addEventListener("error", (ev: Event) => ev.type, false);
ws.addEventListener("message", console.log, { signal: AbortSignal.timeout(1_000), passive: true });
const onMessage = (ev: MessageEvent) => show(JSON.parse(ev.data));
const onAny: EventListener = (ev) => ev.type;
const listener: EventListenerObject = { handleEvent: (ev: Event) => ev.type };
ws.addEventListener("message", onMessage);
ws.removeEventListener("message", onMessage);
ws.addEventListener("message", onMessage as EventListener);
ws.addEventListener("close", onAny);
ws.removeEventListener("close", onAny, { capture: true });
ws.addEventListener("message", listener, { once: true });
ws.removeEventListener("message", listener);
ws.addEventListener("message", { handleEvent: (ev: MessageEvent) => show(ev.data) });
const named: string = "message";
ws.addEventListener(named, (ev) => ev.type);
ws.addEventListener(named, onMessage as EventListener);
ws.dispatchEvent(new Event("close"));
for (const type of ["open", "close", "error"] as const) {
  ws.addEventListener(type, (ev) => ev.type);
}

/** A helper that is typed by the map of events. */
export function listen<Type extends keyof WebSocketEventMap>(
  socket: WebSocket,
  type: Type,
  handler: (ev: WebSocketEventMap[Type]) => void,
): () => void {
  socket.addEventListener(type, handler);
  return () => socket.removeEventListener(type, handler);
}
listen(ws, "message", ({ data }) => show(JSON.parse(data)));

// Sending.
ws.send(JSON.stringify({ type: "chat", text: "hello" }));
ws.send("text");
ws.send(new Uint8Array([1, 2, 3]));
ws.send(new Uint8Array([1, 2, 3]).buffer);
ws.send(new ArrayBuffer(8));
ws.send(new DataView(new ArrayBuffer(8)));
ws.send(new Blob(["text"]));
ws.send(new TextEncoder().encode("text"));
export const send = (data: string | ArrayBuffer | Blob) => ws.send(data);
export const sendLater = (data: Parameters<WebSocket["send"]>[0]) =>
  setTimeout(() => ws.send(data));
for (const text of ["a", "b"]) ws.send(text);
const bound: (data: string) => void = ws.send.bind(ws);
bound("text");

// States.
if (ws.readyState === WebSocket.OPEN) ws.send("text");
if (ws.readyState !== ws.OPEN) {
  await new Promise((resolve) => ws.addEventListener("open", resolve, { once: true }));
}
const names: Record<number, string> = {
  [WebSocket.CONNECTING]: "connecting",
  [WebSocket.OPEN]: "open",
  [WebSocket.CLOSING]: "closing",
  [WebSocket.CLOSED]: "closed",
};
export const stateName = (socket: WebSocket) => names[socket.readyState] ?? "unknown";
export function isUsable({ readyState }: WebSocket): boolean {
  switch (readyState) {
    case WebSocket.CONNECTING:
    case WebSocket.OPEN:
      return true;
    default:
      return false;
  }
}
let state: number = WebSocket.CLOSED;
state = ws.readyState;
export const isIdle = [WebSocket.CLOSING, WebSocket.CLOSED].includes(state as 2);
ws.binaryType = "arraybuffer";
const kind: BinaryType = ws.binaryType;
export const about = [ws.url, ws.protocol, ws.extensions, ws.bufferedAmount.toFixed(), kind];
ws.close();
ws.close(1000);
ws.close(1000, "bye");

// Construction.
new WebSocket(new URL("wss://example.org"));
new WebSocket("wss://example.org", "chat");
new WebSocket("wss://example.org", ["chat", "json"]).close(4001, "unused");
const protocols: string | string[] | undefined = undefined;
new WebSocket("wss://example.org", protocols);

// Variables, fields, parameters and results of the class's type.
let current: WebSocket | null = null;
current = new WebSocket("wss://example.org");
(current as WebSocket | null)?.close();
let later: WebSocket | undefined;
export const open = () => (later ??= new WebSocket("wss://example.org"));
const sockets = new Map<string, WebSocket>([["chat", ws]]);
sockets.get("chat")?.send("text");
export const all = new Set<WebSocket>([ws, ...sockets.values()]);

/** React's, as @types/react declares it. */
declare function useRef<T>(initial: T): { current: T };
declare function useState<T>(initial: T | (() => T)): [T, (next: T | ((last: T) => T)) => void];
const ref = useRef<WebSocket | null>(null);
ref.current = new WebSocket("wss://example.org");
ref.current.onmessage = (event) => show(JSON.parse(event.data));
if (ref.current?.readyState === WebSocket.OPEN) ref.current.send("text");
export const [held, hold] = useState<WebSocket | null>(null);
hold(ws);
hold((last) => last ?? ws);
export const [lazy] = useState(() => new WebSocket("wss://example.org"));

/** A promise of an open socket. */
export function connect(url: string): Promise<WebSocket> {
  return new Promise<WebSocket>((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve(socket);
    socket.onerror = reject;
    socket.addEventListener("error", reject, { once: true });
  });
}

/** A client that has handlers of the platform's types. */
export class Client {
  onOpen: (this: WebSocket, ev: Event) => unknown = () => {};
  onMessage: ((this: WebSocket, ev: MessageEvent) => unknown) | null = null;
  onClose: (ev: CloseEvent) => void = ({ code }) => console.log(code);
  private socket?: WebSocket;
  private readonly queue: string[] = [];

  connect(url: string): void {
    const socket = new WebSocket(url);
    socket.onopen = this.onOpen;
    socket.onmessage = this.onMessage;
    socket.onclose = this.onClose;
    socket.onerror = this.handleError;
    socket.addEventListener("message", this.handleMessage);
    this.socket = socket;
  }

  on(type: string, callback: (ev: MessageEvent) => void): void {
    this.socket?.addEventListener(type, callback as EventListener);
  }

  send(data: string | ArrayBuffer | Blob): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(data);
    else this.queue.push(String(data));
  }

  private readonly handleError = (ev: Event): void => console.error(ev);
  private handleMessage(this: WebSocket, { data }: MessageEvent<string>): void {
    this.send(data);
  }
}

// The class as a value.
export function dial(Class: typeof WebSocket, url: string): WebSocket {
  return new Class(url, ["chat"]);
}
dial(WebSocket, "wss://example.org").close();
export function make(create: new (url: string, protocols?: string | string[]) => WebSocket) {
  return new create("wss://example.org");
}
make(WebSocket);
const factory: { new (url: string): WebSocket } = WebSocket;
export const Impl: typeof WebSocket | undefined = factory && WebSocket;
export const dialer = (url: string, Class = WebSocket) => new Class(url);
type Arguments = ConstructorParameters<typeof WebSocket>;
export const later2 = (...given: Arguments): WebSocket => new WebSocket(...given);
export const instance: InstanceType<typeof WebSocket> = ws;
if ((ws as unknown) instanceof WebSocket) ws.close();

/** The configuration of rxjs's webSocket() and others. */
interface SubjectConfig<T> {
  url: string;
  protocol?: string | string[];
  openObserver?: { next(value: Event): void };
  closeObserver?: { next(value: CloseEvent): void };
  deserializer?: (e: MessageEvent) => T;
  WebSocketCtor?: { new (url: string, protocols?: string | string[]): WebSocket };
}
export const config: SubjectConfig<Message> = {
  url: "wss://example.org",
  WebSocketCtor: WebSocket,
};

/** A subclass. */
export class Chat extends WebSocket {
  private readonly names: string[] = [];
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    this.binaryType = "arraybuffer";
    this.onmessage = (ev) => show(JSON.parse(ev.data));
    this.addEventListener("open", () => this.say("hello"));
    this.addEventListener("close", this.forget);
  }
  say(text: string): void {
    this.send(JSON.stringify({ type: "chat", text }));
  }
  forget(): void {
    this.names.length = 0;
  }
  override close(code?: number, reason?: string): void {
    super.close(code, reason);
  }
  static readonly default = new Chat("wss://example.org");
}
const chat: WebSocket = new Chat("wss://example.org");
chat.close();
