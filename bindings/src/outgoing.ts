import { firstFreeHandle, TransmitBit } from "./codes.gen.js";

/** A message to the platform, or a batch, and the handles of what is in it. */
interface Frame {
  data: unknown;
  readonly handles: number[];
}

interface Key {
  readonly key: string;
  readonly number: number;
  /** The number of messages with this key. */
  uses: number;
}

/** Payloads and keys of outgoing messages. The kernel knows them by number. */
export class Outgoing {
  readonly #payloads: unknown[] = new Array(firstFreeHandle);
  readonly #free: number[] = [];
  /** The keys of queued messages. */
  readonly #keys = new Map<string, Key>();
  /** By handle. */
  readonly #keyOf = new Map<number, Key>();
  #lastKey = 0;
  /** Reused by frames of one message: a long queue consists of them. */
  readonly #single: Frame = { data: undefined, handles: [0] };
  /** Handles of the messages in the incomplete frame. */
  #frame: number[] = [];

  /** Stores a payload, and returns its handle for `release`. */
  add(payload: unknown): number {
    const handle = this.#free.pop() ?? this.#payloads.length;
    this.#payloads[handle] = payload;
    return handle;
  }

  /** Returns the number of a message's key; 0 for "". */
  addKey(handle: number, key: string): number {
    if (key === "") return 0;
    const known = this.#keys.get(key) ?? { key, number: ++this.#lastKey, uses: 0 };
    ++known.uses;
    this.#keys.set(key, known);
    this.#keyOf.set(handle, known);
    return known.number;
  }

  get(handle: number): unknown {
    return this.#payloads[handle];
  }

  set(handle: number, payload: unknown): void {
    this.#payloads[handle] = payload;
  }

  /**
   * Adds a message to the frame (see CommandKind.transmit). Returns the frame and its handles when
   * it is complete, otherwise undefined.
   */
  joinFrame(handle: number, bits: number): Frame | undefined {
    if (bits === 0) {
      const frame = this.#single;
      frame.data = this.get(handle);
      frame.handles[0] = handle;
      return frame;
    }
    const handles = this.#frame;
    handles.push(handle);
    if ((bits & TransmitBit.frameContinues) !== 0) return undefined;
    this.#frame = [];
    let data = this.get(handle);
    if ((bits & TransmitBit.inBatch) !== 0) {
      // A single message is wrapped only if it is an array itself.
      const isAlone = handles.length === 1 && (data as string)[0] !== "[";
      if (!isAlone) data = `[${handles.map((one) => this.get(one)).join()}]`;
    }
    return { data, handles };
  }

  release(handle: number): void {
    this.#payloads[handle] = undefined;
    this.#free.push(handle);
    if (this.#keyOf.size === 0) return;
    const known = this.#keyOf.get(handle);
    if (known === undefined) return;
    this.#keyOf.delete(handle);
    if (--known.uses === 0) this.#keys.delete(known.key);
  }
}
