// Events of both sides, of the platform's classes: an EventTarget of jsdom takes no others.

/** For Node, which has no CloseEvent before version 23. */
class ReplacedCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;

  constructor(type: string, { code = 0, reason = "", wasClean = false }: CloseEventInit) {
    super(type);
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
  }
}

/** Returns the event that reports the end of a connection. */
export function closeEvent(init: CloseEventInit): Event {
  const CloseEventClass = globalThis.CloseEvent ?? ReplacedCloseEvent;
  return new CloseEventClass("close", init);
}

/** Returns the event that reports a message. */
export function messageEvent(data: unknown, url: string): Event {
  return new MessageEvent("message", { data, origin: new URL(url).origin });
}
