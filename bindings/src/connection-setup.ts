import { ErrorCode, InputKind, Reading } from "./codes.gen.js";
import type { ConnectionSetup } from "./core-port.js";
import type { Endpoint } from "./endpoint.js";
import type { CoreSocketOptions, Greeting, Provided } from "./options.js";
import { isJson, toWire } from "./payload.js";
import { messageText } from "./read-options.js";
import { readProtocols, resolveUrl } from "./url.js";

/** Arguments that may be functions, which are called for every attempt. */
export interface Providers {
  readonly url: Provided<string | URL>;
  readonly protocols: Provided<string | Iterable<string> | null>;
  readonly options: Pick<CoreSocketOptions, "firstMessage" | "greet">;
}

/** Calls a provider. Async, so that an exception becomes a rejection that Promise.all handles. */
const resolved = async <Value>(provided: Provided<Value>) =>
  typeof provided === "function" ? (provided as () => Value | PromiseLike<Value>)() : provided;

/** Calls the providers, and passes their results to the kernel. */
export async function provideDetails(
  setup: ConnectionSetup,
  attempt: number,
  { url, protocols, options }: Providers,
  endpoint: Endpoint,
): Promise<void> {
  const isPending = () => setup.isPending(Reading.asking, attempt);
  if (!isPending()) return;
  try {
    const values = [resolved(url), resolved(protocols), resolved(options.firstMessage)] as const;
    const [givenUrl, givenProtocols, message] = await Promise.all(values);
    if (!isPending()) return;
    const subprotocols = readProtocols(givenProtocols);
    const text = message === undefined ? undefined : messageText("firstMessage", message);
    endpoint.providedUrl = resolveUrl(givenUrl);
    setup.provided(attempt, { url: endpoint.providedUrl, subprotocols, firstMessage: text });
  } catch (error) {
    if (!isPending()) return;
    setup.failed(InputKind.providerFailed, attempt, ErrorCode.providerFailed, error);
  }
}

/** Runs `greet` on a new connection. */
export async function greet(
  setup: ConnectionSetup,
  attempt: number,
  { options }: Providers,
): Promise<void> {
  const isPending = () => setup.isPending(Reading.greeting, attempt);
  if (!isPending()) return;
  let isOver = false;
  const connection: Greeting = {
    send: (data) => {
      const payload = toWire(data);
      if (isOver || !isPending()) return false;
      return setup.sendGreeting(attempt, payload, isJson(data, payload));
    },
  };
  try {
    await options.greet?.(connection);
    isOver = true;
    setup.greeted(attempt);
  } catch (error) {
    isOver = true;
    if (!isPending()) return;
    setup.failed(InputKind.greetingFailed, attempt, ErrorCode.greetingFailed, error);
  }
}
