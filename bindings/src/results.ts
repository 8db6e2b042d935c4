import type { DropReason } from "./events.js";

/** What became of a message given to `send`. */
export type SendResult =
  /** Handed to the browser. */
  | { readonly status: "sent" }
  /** Waits for the connection, or for the browser's buffer to drain. */
  | QueuedMessage
  /** Not sent, as asked for; a `drop` event follows. */
  | { readonly status: "dropped"; readonly reason: DropReason }
  /** Not taken; a `drop` event follows. */
  | { readonly status: "rejected"; readonly reason: DropReason };

/** A message that waits. */
export interface QueuedMessage {
  /** It waits for the connection, or for the browser's buffer to drain. */
  readonly status: "queued";
  /** The same number is in the `drop` event that may follow. */
  readonly id: number;
  /** Takes it back: a `drop` event follows. False if it does not wait any more. */
  cancel(): boolean;
}

/** What became of a message in the end. */
export type Outcome =
  /** It has left this machine, as far as the browser tells. */
  { readonly status: "sent" } | { readonly status: "dropped"; readonly reason: DropReason };

/** What became of a message with `track`. */
export type TrackedResult = SendResult & {
  /** Always fulfilled, at the latest when the socket is closed. */
  readonly outcome: Promise<Outcome>;
};

/** What a socket has measured, until it is closed. Times are in milliseconds. */
export interface Stats {
  /**
   * How long the server takes to answer a ping (RFC 6298). Missing before a ping was answered.
   */
  readonly roundTrip?: {
    /** The last time. */
    readonly last: number;
    /** On average. */
    readonly smoothed: number;
    /** The average distance from that. */
    readonly jitter: number;
  };
}
