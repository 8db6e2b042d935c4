// The log of `debug`. A socket without it has none of this: a socket with it is changed in place.
import {
  CommandKind,
  closeActions,
  DecidedBy,
  Reading,
  states,
  TransportSend,
} from "./codes.gen.js";
import type { Port } from "./core-port.js";
import { textOf } from "./errors.js";
import type {
  DropEvent,
  SessionEvent,
  StateChangeEvent,
  SteadyCloseEvent,
  SteadyErrorEvent,
} from "./events.js";
import { described, masked } from "./inspection.js";
import { fail } from "./read-options.js";
import { report } from "./routes.js";
import type { Shell } from "./shell.js";

type Logger = (line: string) => void;

/** The members of the global object that are read; not every platform has them. */
interface Environment {
  readonly Deno?: unknown;
  readonly process?: {
    readonly versions?: { readonly node?: string };
    readonly env: { readonly DEBUG?: string };
  };
  readonly localStorage?: { readonly debug?: string } | null;
}

/** Whether the environment asks for the log, by the convention of npm's `debug` package. */
function isAskedFor(): boolean {
  const { Deno, process } = globalThis as Environment;
  let names: string | undefined;
  try {
    // Deno would ask for a permission to read a variable, and Node 25 warn of a missing file.
    names =
      process?.versions?.node && !Deno
        ? process.env.DEBUG
        : (globalThis as Environment).localStorage?.debug;
  } catch {
    // The storage is denied.
  }
  const matches = (name: string) =>
    new RegExp(`^${name.replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`).test("steadysocket");
  if (!names) return false;
  const all = names.split(/[\s,]+/);
  return all.some(matches) && !all.some((name) => name[0] === "-" && matches(name.slice(1)));
}

/** Returns the function that the log is written to; undefined without `debug`. Throws TypeError. */
export function loggerOf(debug: unknown, logger: unknown): Logger | undefined {
  if (debug !== undefined && typeof debug !== "boolean") fail("debug", "true or false", debug);
  if (logger !== undefined && typeof logger !== "function") {
    fail("debugLogger", "a function", logger);
  }
  return (debug ?? isAskedFor()) ? ((logger as Logger | undefined) ?? console.log) : undefined;
}

/** The rule that decided the reaction to a close: see CommandKind.verdict. */
const deciders: { readonly [by: number]: string } = {
  [DecidedBy.decide]: "reconnect.decide",
  [DecidedBy.rule]: "reconnect.closeRules",
  [DecidedBy.server]: "the server's retry-after",
  [DecidedBy.freshAnswers]: "fresh answers before the default rule",
  [DecidedBy.defaultRule]: "the default rule",
};

let sockets = 0;
/** When the last line was logged. */
let last = 0;

/** Masks URLs, which errors and reasons may quote. */
const withoutSecrets = (text: string) => text.replace(/\w+:\/\/[^"']*/g, masked);

const brackets = (text: string) => text && ` (${withoutSecrets(text)})`;

/** Logs what happens to a socket: see docs/guides/debugging.md. */
export function logTo(logger: Logger, shell: Shell<EventTarget>): void {
  const { events, port, routes } = shell;
  const name = `steadysocket #${++sockets}`;
  const push = events.push.bind(events);
  // A line is written when the events before it have been dispatched: the logger may call the socket.
  const log = (text: string | (() => string)) => {
    push(() => {
      const now = performance.now();
      const passed = Math.round(now - (last || now));
      last = now;
      try {
        logger(`${name} +${passed}ms ${typeof text === "string" ? text : text()}`);
      } catch (error) {
        report(error);
      }
    });
  };
  const attempt = () => `attempt ${(port.measured(Reading.retries) ?? 0) + 1}`;
  const texts: { readonly [type: string]: (event: never) => string | (() => string) } = {
    statechange:
      ({ state, previous, retryIn, reason }: StateChangeEvent) =>
      () => {
        const { protocol } = port.negotiated();
        const more = {
          waiting: `, ${attempt()} in ${Math.round(retryIn)} ms`,
          open: protocol && `, subprotocol ${protocol}`,
        };
        return `${previous} -> ${state}${more[state as keyof typeof more] ?? ""}${brackets(reason)}`;
      },
    close: ({ code, reason, willRetry }: SteadyCloseEvent) =>
      `closed with ${code}${brackets(reason)}, ${willRetry ? "another" : "no other"} attempt follows`,
    error: ({ code, message, cause }: SteadyErrorEvent) =>
      // The platform's message is often that of its error.
      `error ${code}: ${withoutSecrets(message)}${cause === undefined || textOf(cause) === message ? "" : brackets(textOf(cause))}`,
    drop: ({ reason, data }: DropEvent) =>
      `dropped ${described(typeof data === "string" ? routes.nameOf(data) : data)}${brackets(reason)}`,
    session: ({ state }: SessionEvent) => `session ${state}`,
  };
  events.push = (item) => {
    const text = typeof item === "function" ? undefined : texts[item.type]?.(item as never);
    if (text !== undefined) log(text);
    push(item);
  };
  const event = shell.event.bind(shell);
  shell.event = (kind, a, b, c, text, value) => {
    if (kind === CommandKind.verdict) {
      const [first, end] = [c >>> 16, c & 0xffff];
      const codes = first === end ? first || "" : `${first}-${end}`;
      log(`next: ${closeActions[b]} by ${deciders[a]}${codes && ` for ${codes}`}`);
    }
    event(kind, a, b, c, text, value);
  };
  const connecting = shell.connecting.bind(shell);
  shell.connecting = () => {
    connecting();
    const url = masked(shell.endpoint.url);
    log(() => `connecting to ${url}, ${attempt()}`);
  };
  shell.message = (data) => {
    log(`received ${described(data)}`);
    shell.receiver.receive(data);
  };
  let frames = 0;
  const frameSent = (data: unknown) => {
    ++frames;
    log(`sent ${described(data)}`);
  };
  // A port on a shared socket has no frames of its own.
  const own = port as Port & { sendFrame?: (data: unknown, number: number) => number };
  const sendFrame = own.sendFrame?.bind(own);
  if (sendFrame !== undefined) {
    own.sendFrame = (data, number) => {
      const result = sendFrame(data, number);
      if (result === TransportSend.taken) frameSent(data);
      return result;
    };
  }
  const send = port.send.bind(port);
  port.send = (payload, ...others) => {
    const before = frames;
    const answer = send(payload, ...others);
    if (answer.status === "queued") log(`queued ${described(payload)}`);
    else if (answer.status === "sent" && frames === before) frameSent(payload);
    return answer;
  };
  // Only a socket that is held receives messages without listeners.
  port.hold();
  const url = masked(shell.endpoint.url) || "a URL to be provided";
  log(`created for ${url}, ${states[port.state()]}`);
}
