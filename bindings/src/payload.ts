/** Data that `send` accepts. A non-binary object is sent as JSON. */
export type Sendable = string | BinaryData | object;

/** Binary data that `send` accepts. */
export type BinaryData = ArrayBufferLike | ArrayBufferView | Blob;

type Binary = ArrayBuffer | ArrayBufferView | Blob;

/** A message in the form that is passed to the platform. */
export type WireData = string | Binary;

/** Matches the tags of wrapper objects of primitive values. */
const wrapperTag = /^(String|Number|Boolean|BigInt|Symbol)$/;

/** Returns the class name. Unlike `instanceof`, works for objects of another realm. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * Validates binary data as Web IDL does: memory must not be shared or resizable, and a detached
 * buffer is empty.
 */
function withMemory(data: Binary, memory: ArrayBufferLike): Binary {
  const isOwn = memory instanceof ArrayBuffer || tagOf(memory) === "ArrayBuffer";
  if (!isOwn || (memory as { readonly resizable?: boolean }).resizable) {
    throw new TypeError("SteadySocket: shared or resizable memory cannot be sent");
  }
  return memory.byteLength === 0 ? new ArrayBuffer(0) : data;
}

/** Returns whether a value is a Blob, also one of another realm. `tag` is its tag. */
export function isBlob(value: unknown, tag = tagOf(value)): value is Blob {
  // The Blob of happy-dom has no tag, but replaces the global class.
  const isGlobal = typeof Blob === "function" && value instanceof Blob;
  return isGlobal || tag === "Blob" || tag === "File";
}

/** Returns the string to send, or binary data unchanged. Throws TypeError if it cannot be sent. */
export function toWire(data: unknown): WireData {
  if (typeof data === "string") return data;
  // A symbol throws a TypeError, as in Web IDL.
  if (typeof data !== "object" || data === null) return `${data}`;
  // A shortcut for plain objects: the other checks take as long as serializing a short one.
  if (data.constructor !== Object) {
    if (ArrayBuffer.isView(data)) return withMemory(data, data.buffer);
    const tag = tagOf(data);
    if (isBlob(data, tag)) return data;
    if (/^(Shared)?ArrayBuffer$/.test(tag))
      return withMemory(data as ArrayBuffer, data as ArrayBuffer);
    if (wrapperTag.test(tag)) return `${data}`;
  }
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined)
    throw new TypeError("SteadySocket: the object cannot be serialized as JSON");
  return text;
}

/** Returns whether `toWire` serialized `data` as JSON: only JSON can be batched. */
export function isJson(data: unknown, payload: WireData): boolean {
  if (typeof payload !== "string" || typeof data !== "object") return false;
  // The same shortcut as in `toWire`.
  return data?.constructor === Object || !wrapperTag.test(tagOf(data));
}

/** Returns an upper bound of the bytes on the wire, in constant time. */
export function sizeBound(data: WireData): number {
  return typeof data === "string" ? data.length * 3 : binarySize(data);
}

/** Returns the exact number of bytes on the wire. */
export function exactSize(data: WireData): number {
  return typeof data === "string" ? utf8Length(data) : binarySize(data);
}

/** Returns a copy that the user cannot modify. */
export function snapshot(data: WireData): unknown {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  }
  // A Blob is immutable.
  return "byteLength" in data ? data.slice(0) : data;
}

/** Returns the first 100 characters of a string, for descriptions. */
export function beginning(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

function binarySize(data: Binary): number {
  return "byteLength" in data ? data.byteLength : data.size;
}

function utf8Length(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A lone surrogate is sent as U+FFFD, 3 bytes; a surrogate pair is 4 bytes for 2 units.
    size += unit < 0x800 ? 1 : 2;
    if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) ++i;
  }
  return size;
}
