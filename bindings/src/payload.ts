/** What `send` takes. An object that is not binary goes as JSON. */
export type Sendable = string | BinaryData | object;

/** Binary data that `send` takes. */
export type BinaryData = ArrayBufferLike | ArrayBufferView | Blob;

type Binary = ArrayBuffer | ArrayBufferView | Blob;

const bufferTags = new Set(["ArrayBuffer", "SharedArrayBuffer"]);
/** Objects that stand for a value which is no object. */
const wrapperTags = new Set(["String", "Number", "Boolean", "BigInt", "Symbol"]);

/** A tag and not `instanceof`, which fails for objects of another window. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

export const isWrapper = (data: unknown): boolean =>
  typeof data === "object" && data !== null && wrapperTags.has(tagOf(data));

/**
 * As Web IDL has it for what is sent: no memory that is shared or that can change its size, and what
 * is detached is empty.
 */
function withMemory(data: Binary, memory: ArrayBufferLike): Binary {
  const isOwn = memory instanceof ArrayBuffer || tagOf(memory) === "ArrayBuffer";
  if (!isOwn || (memory as { readonly resizable?: boolean }).resizable) {
    throw new TypeError("SteadySocket: memory that is shared or resizable cannot be sent");
  }
  return memory.byteLength === 0 ? new ArrayBuffer(0) : data;
}

/** The text to send, or the binary data as it is. Throws TypeError for what cannot be sent. */
export function toWire(data: unknown): string | Binary {
  if (typeof data === "string") return data;
  // As Web IDL does it: a symbol has no text.
  if (typeof data !== "object" || data === null) return `${data}`;
  // Most are plain objects, and asking for their prototype takes as long as making a short text.
  if (data.constructor !== Object) {
    if (ArrayBuffer.isView(data)) return withMemory(data, data.buffer);
    const tag = tagOf(data);
    // That of happy-dom has no tag, and replaces the global one.
    const isGlobal = typeof Blob === "function" && data instanceof Blob;
    if (isGlobal || tag === "Blob" || tag === "File") return data as Blob;
    if (bufferTags.has(tag)) return withMemory(data as ArrayBuffer, data as ArrayBuffer);
    if (wrapperTags.has(tag)) return `${data}`;
  }
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined) throw new TypeError("SteadySocket: the object has no JSON text");
  return text;
}

/** An upper bound of the bytes on the wire, at once. */
export function sizeBound(data: string | Binary): number {
  return typeof data === "string" ? data.length * 3 : binarySize(data);
}

/** The bytes on the wire. */
export function exactSize(data: string | Binary): number {
  return typeof data === "string" ? utf8Length(data) : binarySize(data);
}

/** What can wait without the sender changing it. */
export function snapshot(data: string | Binary): unknown {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  }
  // A Blob cannot change.
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
    // A pair is 4 bytes for 2 units; a lone surrogate goes as U+FFFD, 3 bytes.
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
