import { firstFreeHandle } from "./codes.gen.js";

/** The payloads and keys of messages that the kernel knows by numbers. */
export class PayloadTable {
  readonly #payloads: unknown[] = new Array(firstFreeHandle);
  readonly #free: number[] = [];
  /** Keys of messages that wait: their numbers, and by how many messages they are used. */
  readonly #keys = new Map<string, { readonly number: number; uses: number }>();
  readonly #keyOf = new Map<number, string>();
  #lastKey = 0;

  /** Returns the handle of a payload, to be released. */
  add(payload: unknown): number {
    const handle = this.#free.pop() ?? this.#payloads.length;
    this.#payloads[handle] = payload;
    return handle;
  }

  /** Returns the number of a message's key; "" is 0. */
  addKey(handle: number, key: string): number {
    if (key === "") return 0;
    const known = this.#keys.get(key) ?? { number: ++this.#lastKey, uses: 0 };
    ++known.uses;
    this.#keys.set(key, known);
    this.#keyOf.set(handle, key);
    return known.number;
  }

  get(handle: number): unknown {
    return this.#payloads[handle];
  }

  set(handle: number, payload: unknown): void {
    this.#payloads[handle] = payload;
  }

  release(handle: number): void {
    this.#payloads[handle] = undefined;
    this.#free.push(handle);
    const key = this.#keyOf.get(handle);
    if (key === undefined) return;
    this.#keyOf.delete(handle);
    const known = this.#keys.get(key);
    if (known !== undefined && --known.uses === 0) this.#keys.delete(key);
  }
}
