// The network between a client and the server: two pipes for each connection.
import { exactSize, isBlob, tagOf } from "../payload.js";

/** A message on its way. A Blob is read before it arrives. */
export type Content = string | ArrayBuffer | Blob;

/** A message that has arrived. */
export type Arrived = Exclude<Content, Blob>;

/** The network of a server: what holds for all of its connections. */
export class Network {
  /** Milliseconds in each direction. */
  latency = 0;
  #isSilent = false;
  /** The pipes that have something to deliver. */
  readonly #held = new Set<Pipe>();

  silence(): void {
    this.#isSilent = true;
  }

  resume(): void {
    this.#isSilent = false;
    const held = [...this.#held];
    this.#held.clear();
    for (const pipe of held) pipe.resume();
  }

  /** Returns whether the network is silent; then the pipe is resumed after it. */
  holds(pipe: Pipe): boolean {
    if (this.#isSilent) this.#held.add(pipe);
    return this.#isSilent;
  }
}

interface Packet {
  content: Content;
  readonly deliver: (content: Arrived) => void;
  /** Called when the packet has left the buffer of its sender. */
  readonly transmitted: (() => void) | undefined;
  hasArrived: boolean;
}

/** Bytes that the network itself takes while nothing arrives, as the buffers of a system do. */
const networkBuffer = 65_536;

const { setTimeout: realSetTimeout } = globalThis;
let deliveries = 0;

/**
 * Runs a task soon, in a job of its own. Jobs of promises run under every kind of fake timers. One
 * in a thousand is a timer, since two sides that answer each other at once would block the thread.
 */
export function soon(task: () => void): void {
  if (++deliveries % 1000 === 0) realSetTimeout(task);
  else void Promise.resolve().then(task);
}

/** One direction of a connection. Packets arrive in order, each in a job of its own. */
export class Pipe {
  /** Holds everything back. */
  isSilent = false;
  readonly #network: Network;
  /** Packets in the buffer of the sender. */
  #buffered: Packet[] = [];
  /** Packets on the network. */
  #flying: Packet[] = [];
  #flyingBytes = 0;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Sends a packet. One without content is a frame without data, such as a close frame. */
  push(deliver: (content: Arrived) => void, content: Content = "", transmitted?: () => void): void {
    this.#buffered.push({ content, deliver, transmitted, hasArrived: false });
    soon(() => this.#transmit());
  }

  /** Loses everything that is on its way. */
  cut(): void {
    this.#buffered = [];
    this.#flying = [];
    this.#flyingBytes = 0;
  }

  /** Continues after silence. */
  resume(): void {
    soon(() => this.#drain());
  }

  #transmit(): void {
    for (;;) {
      const packet = this.#buffered[0];
      if (packet === undefined) return;
      const size = exactSize(packet.content);
      if (this.#flyingBytes > 0 && this.#flyingBytes + size > networkBuffer) return;
      this.#buffered.shift();
      this.#flying.push(packet);
      this.#flyingBytes += size;
      packet.transmitted?.();
      soon(() => void this.#carry(packet));
    }
  }

  async #carry(packet: Packet): Promise<void> {
    const { latency } = this.#network;
    if (latency > 0) await new Promise<void>((resolve) => setTimeout(resolve, latency));
    const { content } = packet;
    if (isBlob(content)) packet.content = await read(content);
    packet.hasArrived = true;
    this.#drain();
  }

  /** Delivers the next packet, if it has arrived. */
  #drain(): void {
    const [first] = this.#flying;
    if (!first?.hasArrived || this.isSilent || this.#network.holds(this)) return;
    this.#flying.shift();
    this.#flyingBytes -= exactSize(first.content);
    soon(() => {
      this.#transmit();
      this.#drain();
    });
    first.deliver(first.content as Arrived);
  }
}

/** Reads a Blob, also one of an old jsdom, which has no `arrayBuffer`. */
async function read(blob: Blob): Promise<ArrayBuffer> {
  if (typeof blob.arrayBuffer === "function") return blob.arrayBuffer();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });
}

/** Copies binary data; undefined if `data` is none. Throws TypeError for shared memory. */
export function copied(data: unknown): ArrayBuffer | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const view = ArrayBuffer.isView(data) ? data : undefined;
  const memory = view?.buffer ?? data;
  const tag = tagOf(memory);
  if (tag === "SharedArrayBuffer") throw new TypeError("shared memory cannot be sent");
  if (tag !== "ArrayBuffer") return undefined;
  const { buffer } = new Uint8Array(
    memory as ArrayBuffer,
    view?.byteOffset,
    view?.byteLength,
  ).slice();
  return buffer as ArrayBuffer;
}

/** Replaces lone surrogates, as the conversion to UTF-8 does. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");
