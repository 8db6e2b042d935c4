// Names that the code blocks of the documentation expect in the program of their reader: exports of
// the package, a socket, functions.

declare const SteadySocket: typeof import("steadysocket").SteadySocket;
declare const socket: import("steadysocket").SteadySocket;
declare const url: string;

declare function draw(...shapes: unknown[]): void;
declare function getToken(): Promise<string>;
declare function isValid(token: string): boolean;
declare function render(...views: unknown[]): void;
declare function save(...values: unknown[]): Promise<void>;
declare function show(...views: unknown[]): void;
declare function showBanner(...text: unknown[]): void;
declare function showProgress(part: number): void;

// On servers, with the package ws unless the block is of another runtime.
declare const server: import("ws").WebSocketServer;
declare const webSocket: import("ws").WebSocket;
declare const sessions: import("steadysocket/server").Sessions<{ name: string }>;
declare const session: import("steadysocket/server").Session<{ name: string }>;
declare function authenticate(request: Request): { name: string };
declare function verify(token: string): { name: string } | undefined;
declare function onsession(session: import("steadysocket/server").Session<{ name: string }>): void;
declare function commit(...values: unknown[]): Promise<boolean>;

// Other platforms, as far as the blocks use them: their own types contradict those of browsers.
type Connection = WebSocket & {
  accept(): void;
  data: { protocol: string; user: { name: string }; session?: BunSession };
};
type BunSession = { receive(data: unknown): void; closed(): void };
declare const Bun: {
  serve(options: {
    port: number;
    fetch(
      request: Request,
      server: { upgrade(request: Request, options: object): boolean },
    ): Response | undefined;
    websocket: {
      open(ws: Connection): void;
      message(ws: Connection, data: string | Uint8Array): void;
      close(ws: Connection): void;
    };
  }): void;
};
declare const WebSocketPair: new () => { 0: WebSocket; 1: Connection };
interface ResponseInit {
  webSocket?: unknown;
}
/** The module of a program that Emscripten has compiled. */
declare const Module: object;
declare const jest: typeof import("@jest/globals")["jest"];

// Imports that bundlers replace.
declare module "*.wasm" {
  const moduleOrUrl: WebAssembly.Module & string;
  export default moduleOrUrl;
}
declare module "*.wasm?url" {
  const url: string;
  export default url;
}

// The package, served as files.
declare module "*/steadysocket/attach.js" {
  export * from "steadysocket/attach";
}
declare module "*/steadysocket/dist/steadysocket.js" {
  export * from "steadysocket";
}

// Modules that are generated from a schema.
declare module "*/chat_pb.js" {
  interface Envelope {
    text?: { text: string };
    move?: { x: number; y: number };
  }
  const Envelope: {
    encode(message: Envelope): { finish(): Uint8Array<ArrayBuffer> };
    decode(bytes: Uint8Array): Envelope;
  };
}

// Its types are not among its exports.
declare module "rpc-websockets";

declare module "react-native" {
  const AppState: { addEventListener(type: "change", listener: (state: string) => void): void };
}
