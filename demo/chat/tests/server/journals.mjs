// Journals of the chat that record for a test what they publish, and their storage.
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasEnded, kill } from "../../../../tests/support/children.mjs";
import { Redis } from "../../../../tests/support/redis.mjs";
import { Waiting, within } from "../../../../tests/support/until.mjs";

export const ann = { id: "a", userName: "Ann" };
export const ben = { id: "b", userName: "Ben" };

/** A message in the form of journals. */
export const chat = (from, message, ref) => ({
  type: "chat-message",
  from,
  message,
  ...(ref !== undefined && { ref }),
});

export const range = (length) => Array.from({ length }, (_, i) => i);

/** Opens a journal of a kind. */
export async function openJournal(kind, options) {
  if (kind === "local") {
    return (await import("../../server/journal/local.mjs")).openLocalJournal(options);
  }
  return (await import("../../server/journal/redis.mjs")).openRedisJournal(options);
}

const childScript = fileURLToPath(new URL("journal-process.mjs", import.meta.url));

/** A journal in the test's own process, and everything that it has published. */
export class WatchedJournal extends Waiting {
  journal;
  /** The entries, in order. */
  published = [];
  /** `[id, connection]`, in order. */
  moved = [];
  /** The arguments of `onUp`, in order. */
  ups = [];
  errors = [];

  static async open(kind, options) {
    const watched = new WatchedJournal();
    const note = (list) => (what) => {
      list.push(what);
      watched.look();
    };
    watched.journal = await openJournal(kind, {
      onEntry: note(watched.published),
      onMoved: (...move) => note(watched.moved)(move),
      onUp: note(watched.ups),
      onError: note(watched.errors),
      ...options,
    });
    return watched;
  }

  /** The published entries, as short lines. */
  get lines() {
    return this.published.map(lineOf);
  }

  /** The entries that it has in memory. */
  get entries() {
    const { entries } = this.journal;
    return Array.from({ length: entries.end - entries.begin }, (_, i) =>
      entries.get(entries.begin + i),
    );
  }

  get names() {
    return Array.from(this.journal.users.values(), ({ userName }) => userName).sort();
  }
}

/** An entry as a short line: "Ann: hello", "user-join Ann". */
export function lineOf(entry) {
  if ("message" in entry) return `${entry.from.userName}: ${entry.message}`;
  return `${entry.type} ${entry.user.userName}`;
}

/** A journal in a process of its own, which can be killed. */
export class JournalProcess extends Waiting {
  /** The positions that were answered to the torrent, by number. */
  answered = [];
  /** The lines that it has published. */
  lines = [];
  moved = [];
  ups = [];
  errors = [];
  /** The error of opening it. */
  error;
  isOpen = false;
  #child;
  #calls = [];

  /** Starts one, and waits until its journal is open, or cannot be opened: see `error`. */
  static async start(kind, options) {
    const one = new JournalProcess();
    one.#child = fork(childScript, [JSON.stringify({ kind, options })], { execArgv: [] });
    one.#child.on("message", (message) => one.#receive(message));
    one.#child.on("exit", () => one.look());
    await one.until(() => one.isOpen || one.error !== undefined || one.hasEnded);
    return one;
  }

  get pid() {
    return this.#child.pid;
  }

  get hasEnded() {
    return hasEnded(this.#child);
  }

  /** Calls a method of the journal there. */
  call(method, ...args) {
    const answer = new Promise((resolve, reject) => {
      const id = this.#calls.push({ resolve, reject }) - 1;
      this.#child.send({ id, method, args });
    });
    return within(answer, `the answer of ${method}`);
  }

  /** Lets it send numbers, beginning with this one, as fast as it can, several at a time. */
  torrent(first, atOnce) {
    this.#child.send({ torrent: { first, atOnce } });
  }

  signal(signal) {
    this.#child.kill(signal);
  }

  /** Kills it: SIGKILL, without a clean close. */
  kill() {
    return kill(this.#child);
  }

  #receive({ id, answer, error, said, line, moved, isUp, complaint, isOpen }) {
    if (isOpen) this.isOpen = true;
    if (line !== undefined) this.lines.push(line);
    if (moved !== undefined) this.moved.push(moved);
    if (isUp !== undefined) this.ups.push(isUp);
    if (complaint !== undefined) this.errors.push(complaint);
    if (said !== undefined) this.answered.push(said);
    if (id !== undefined) {
      const { resolve, reject } = this.#calls[id];
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    } else if (error !== undefined) {
      this.error = error;
    }
    this.look();
  }
}

/** The storage of journals of a kind. They, and their processes, end when the test does. */
export class Place {
  kind;
  /** The options of the journals. */
  where;
  /** Of the kind "redis". */
  redis;
  #ends = [];

  static async make(t, kind) {
    const place = new Place();
    place.kind = kind;
    t.after(async () => {
      for (const end of place.#ends.reverse()) await end();
    });
    if (kind === "local") {
      const folder = await mkdtemp(join(tmpdir(), "steadysocket-journal-"));
      place.#ends.push(() => rm(folder, { recursive: true, force: true }));
      place.where = { folder };
    } else {
      place.redis = await Redis.start(t);
      place.where = { url: place.redis.url };
    }
    return place;
  }

  async open(options) {
    const watched = await WatchedJournal.open(this.kind, { ...this.where, ...options });
    this.#ends.push(() => watched.journal.close());
    return watched;
  }

  /** Two, if the kind has several: otherwise it is the same twice. */
  async openTwo(options) {
    const one = await this.open(options);
    return [one, this.kind === "local" ? one : await this.open(options)];
  }

  async start(options) {
    const one = await JournalProcess.start(this.kind, { ...this.where, ...options });
    this.#ends.push(() => one.kill());
    return one;
  }
}
