// Events of both sides, of the platform's classes: an EventTarget of jsdom takes no others.
import { CloseEventBase } from "../close-event.js";

/** Returns the event that reports the end of a connection. */
export function closeEvent(init: CloseEventInit): Event {
  // The platform's class may be replaced after this module is loaded.
  return new (globalThis.CloseEvent ?? CloseEventBase)("close", init);
}

/** Returns the event that reports a message. */
export function messageEvent(data: unknown, url: string): Event {
  return new MessageEvent("message", { data, origin: new URL(url).origin });
}
