// A WebSocket without a network: the test acts as the server.
import { SteadySocket } from "../support/package.mjs";
import { next } from "../support/sockets.mjs";

export class StubWebSocket {
  static last;
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  binaryType = "blob";
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;
  /** Every message that was sent. */
  sent = [];

  static #made = new Set();

  constructor() {
    StubWebSocket.last = this;
    StubWebSocket.#made.add(this);
  }

  /** Ends every connection, so that no socket waits for its close. */
  static endAll() {
    for (const stub of StubWebSocket.#made) {
      stub.readyState = 3;
      stub.onclose?.({ code: 1006, reason: "", wasClean: false });
    }
    StubWebSocket.#made.clear();
  }

  send(data) {
    this.sent.push(data);
  }

  close() {
    this.readyState = 3;
  }

  accept(protocol = "") {
    this.protocol = protocol;
    this.readyState = 1;
    this.onopen?.({});
  }

  deliver(data) {
    this.onmessage?.({ data });
  }
}

/** A socket that is open, and the stub that it is connected to. */
export async function openStub(test, options = {}, { protocols = [], protocol = "" } = {}) {
  const socket = new SteadySocket("ws://stub.test/", protocols, {
    WebSocket: StubWebSocket,
    ...options,
  });
  const stub = StubWebSocket.last;
  test.after(() => {
    socket.close();
    StubWebSocket.endAll();
  });
  const opened = next(socket, "open");
  stub.accept(protocol);
  await opened;
  return { socket, stub };
}
