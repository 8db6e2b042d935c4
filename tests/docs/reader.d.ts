// What the code blocks of the documentation leave to their reader: the exports of the package, a
// socket, and functions of the reader's program.

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

// What generators make of a schema.
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

declare module "react-native" {
  const AppState: { addEventListener(type: "change", listener: (state: string) => void): void };
}
