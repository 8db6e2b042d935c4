import type { DropReason } from "./names.gen.js";

/** The immediate result of `send`. */
export type SendResult =
  /** Passed to the browser. */
  | { readonly status: "sent" }
  /** Queued until there is a connection, or until the browser's buffer drains. */
  | QueuedMessage
  /** Dropped as requested by an option (`volatile`, `drop_newest`, …). A `drop` event follows. */
  | { readonly status: "dropped"; readonly reason: DropReason }
  /** Rejected. A `drop` event follows. */
  | { readonly status: "rejected"; readonly reason: DropReason };

/** The result of `send` for a queued message. */
export interface QueuedMessage {
  /** Queued until there is a connection, or until the browser's buffer drains. */
  readonly status: "queued";
  /** Identifies the message in `cancel` and in `drop` events. */
  readonly id: number;
  /**
   * Removes the message from the queue; a `drop` event follows. False if it is no longer queued.
   */
  cancel(): boolean;
}

/** The outcome of a message. */
export type Outcome =
  /** Transmitted, as far as the browser reports. */
  | { readonly status: "sent" }
  /** Handled by the server, which has acknowledged it: see the option `session`. */
  | { readonly status: "delivered" }
  | { readonly status: "dropped"; readonly reason: DropReason };

/** The result of `send` with the option `track`. */
export type TrackedResult = SendResult & {
  /** Fulfilled with the outcome, at the latest when the socket is closed. Never rejected. */
  readonly outcome: Promise<Outcome>;
};

/** Measurements of a socket. Times are in milliseconds. */
export interface Stats {
  /**
   * The round-trip time of pings (RFC 6298). Missing until a ping was answered.
   */
  readonly roundTrip?: {
    /** The last measurement. */
    readonly last: number;
    /** The smoothed average (SRTT). */
    readonly smoothed: number;
    /** The mean deviation from it (RTTVAR). */
    readonly jitter: number;
  };
  /**
   * By how many milliseconds the server's clock is ahead of `Date.now()`. Missing without a session.
   */
  readonly clockOffset?: number;
}
