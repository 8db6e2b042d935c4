// What the code blocks of the documentation leave to their reader: the exports of the package, a
// socket, and functions of the reader's program.

type Package = typeof import("steadysocket");

declare global {
  const SteadySocket: Package["SteadySocket"];
  const socket: import("steadysocket").SteadySocket;
  const url: string;

  function getToken(): Promise<string>;
  function draw(...shapes: unknown[]): void;
  function render(...views: unknown[]): void;
  function show(...views: unknown[]): void;
  function showBanner(...text: unknown[]): void;
  function save(...values: unknown[]): Promise<void>;
}

export {};
