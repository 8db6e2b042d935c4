/** Data of one application message: text, or binary data. */
export type MessageData = string | ArrayBuffer | Uint8Array;

/** The control frames that a client may send (docs/design/session-protocol.md, "Frames"). */
export type ClientFrame =
  | ({ readonly type: "H" } & Hello)
  | { readonly type: "@" | "A" | "?"; readonly number: number }
  | { readonly type: "!" }
  | { readonly type: "X"; readonly reason: string };

/** The fields of `H`. */
export interface Hello {
  readonly id: string;
  readonly epoch: string;
  readonly generation: number;
  readonly received: number;
}

/** A client broke the protocol. Its message becomes the reason of close code 4400. */
export class ProtocolError extends Error {}

/** The first character of a control frame. */
const mark = "\x10";
const maxControlBytes = 256;
const utf8 = new TextEncoder();

/** Returns the escaped application text. */
export const escaped = (text: string) => (text.startsWith(mark) ? mark + text : text);

/** Formats a control frame. Fields that are undefined are left out. */
export function control(type: string, ...fields: (string | number | undefined)[]): string {
  const frame = mark + [type, ...fields.filter((field) => field !== undefined)].join(" ");
  if (utf8.encode(frame).length > maxControlBytes) {
    throw new RangeError(`the reason must have at most ${maxControlBytes - 3} bytes in UTF-8`);
  }
  return frame;
}

/** Returns the control frame, or the application's data of any other frame. */
export function read(frame: MessageData): ClientFrame | { readonly type: ""; data: MessageData } {
  if (typeof frame !== "string" || !frame.startsWith(mark)) return { type: "", data: frame };
  if (frame.startsWith(mark, 1)) return { type: "", data: frame.slice(1) };
  if (frame.length > maxControlBytes || utf8.encode(frame).length > maxControlBytes) {
    throw new ProtocolError(`control frame of more than ${maxControlBytes} bytes`);
  }
  const [type = "", ...fields] = frame.slice(1).split(" ");
  const number = (index: number, name: string) => {
    const text = fields[index] ?? "";
    const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw new ProtocolError(`${type}: malformed ${name}`);
    return value;
  };
  const token = (index: number, name: string, pattern: RegExp) => {
    const text = fields[index] ?? "";
    if (!pattern.test(text)) throw new ProtocolError(`${type}: malformed ${name}`);
    return text;
  };
  switch (type) {
    case "H":
      return {
        type,
        id: token(0, "id", /^[\w-]{22}$/),
        epoch: token(1, "epoch", /^[\w.-]{1,64}$/),
        generation: number(2, "generation"),
        received: number(3, "number"),
      };
    case "@":
      // Frames are numbered from 1.
      if (fields[0] === "0") throw new ProtocolError("@: malformed number");
      return { type, number: number(0, "number") };
    case "A":
    case "?":
      return { type, number: number(0, "number") };
    case "!":
      for (const index of [0, 1, 2]) number(index, "number");
      return { type };
    case "X":
      return { type, reason: fields.join(" ") };
    default:
      throw new ProtocolError(
        /^[GW]$/.test(type) ? `${type}: only a server sends it` : "unknown control frame",
      );
  }
}
