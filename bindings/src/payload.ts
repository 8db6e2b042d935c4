/** What `send` accepts. An object that is not binary is sent as JSON. */
export type Sendable = string | BinaryData | object;

/** Binary data that `send` accepts. */
export type BinaryData = ArrayBufferLike | ArrayBufferView | Blob;

type Binary = ArrayBuffer | ArrayBufferView | Blob;

/** A message as it is sent. */
export type WireData = string | Binary;

const bufferTags = new Set(["ArrayBuffer", "SharedArrayBuffer"]);
/** Wrapper objects of primitive values. */
const wrapperTags = new Set(["String", "Number", "Boolean", "BigInt", "Symbol"]);

/** Used instead of `instanceof`, which fails for objects of another realm. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

const isWrapper = (data: unknown): boolean =>
  typeof data === "object" && data !== null && wrapperTags.has(tagOf(data));

/**
 * Checks binary data like Web IDL: memory must not be shared or resizable, and detached memory is
 * empty.
 */
function withMemory(data: Binary, memory: ArrayBufferLike): Binary {
  const isOwn = memory instanceof ArrayBuffer || tagOf(memory) === "ArrayBuffer";
  if (!isOwn || (memory as { readonly resizable?: boolean }).resizable) {
    throw new TypeError("SteadySocket: memory that is shared or resizable cannot be sent");
  }
  return memory.byteLength === 0 ? new ArrayBuffer(0) : data;
}

/** Returns the text to send, or binary data unchanged. Throws TypeError if it cannot be sent. */
export function toWire(data: unknown): WireData {
  if (typeof data === "string") return data;
  // Throws for a symbol (Web IDL).
  if (typeof data !== "object" || data === null) return `${data}`;
  // Most are plain objects, and reading their prototype takes as long as serializing a short one.
  if (data.constructor !== Object) {
    if (ArrayBuffer.isView(data)) return withMemory(data, data.buffer);
    const tag = tagOf(data);
    // The Blob of happy-dom has no tag, and replaces the global one.
    const isGlobal = typeof Blob === "function" && data instanceof Blob;
    if (isGlobal || tag === "Blob" || tag === "File") return data as Blob;
    if (bufferTags.has(tag)) return withMemory(data as ArrayBuffer, data as ArrayBuffer);
    if (wrapperTags.has(tag)) return `${data}`;
  }
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined)
    throw new TypeError("SteadySocket: the object cannot be serialized as JSON");
  return text;
}

/** Whether `toWire` has made `data` JSON, which may travel in a batch. */
export function isJson(data: unknown, payload: WireData): boolean {
  if (typeof payload !== "string" || typeof data !== "object") return false;
  // Asking a plain object for its tag takes as long as serializing a short one.
  return data?.constructor === Object || !isWrapper(data);
}

/** Returns an upper bound of the bytes on the wire in constant time. */
export function sizeBound(data: WireData): number {
  return typeof data === "string" ? data.length * 3 : binarySize(data);
}

/** Returns the bytes on the wire. */
export function exactSize(data: WireData): number {
  return typeof data === "string" ? utf8Length(data) : binarySize(data);
}

/** Returns a copy that the sender cannot change. */
export function snapshot(data: WireData): unknown {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  }
  // A Blob is immutable.
  return "byteLength" in data ? data.slice(0) : data;
}

function binarySize(data: Binary): number {
  return "byteLength" in data ? data.byteLength : data.size;
}

function utf8Length(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is 4 bytes for 2 units; a lone surrogate is sent as U+FFFD, 3 bytes.
    if (unit < 0x800) {
      size += 1;
    } else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      size += 2;
      ++i;
    } else {
      size += 2;
    }
  }
  return size;
}
