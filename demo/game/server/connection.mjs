// One client's WebSocket: the join, the limits of sent and unread data, and pings. Everything after
// the join belongs to a session: see match.mjs.
import { WebSocket } from "ws";
import { TokenBucket } from "../../common/bucket.mjs";
import { closeCodes, problem, readMessage } from "./protocol.mjs";

/** Frames of any kind per second, and the burst. */
const rate = { rate: 60, burst: 300 };
/** Bytes in flight to the client above which no further state is sent. */
const unsent = 32 * 1024;

/** Milliseconds within which a client must have joined. */
const joinTime = 10_000;

const now = () => performance.now();

/**
 * @typedef {object} ConnectionListener
 * @property {(join: { name: string, key: string }) => void} onJoin
 * @property {() => void} onClose
 */

export class Connection {
  /** Set with the join. */
  hash = "";
  name = "";
  /** Set when the connection has begun or resumed it. @type {any} */
  session;
  /** States that were not sent because earlier ones were in flight. */
  skipped = 0;
  #socket;
  #listener;
  #bucket = new TokenBucket({ ...rate, now });
  #isAlive = true;
  #hasJoined = false;
  #joining;

  /**
   * @param {WebSocket} socket
   * @param {ConnectionListener} listener
   */
  constructor(socket, listener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("message", (data, isBinary) => this.#read(data, isBinary));
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    this.#joining = setTimeout(() => this.close(closeCodes.refused, "no join"), joinTime);
    socket.on("close", () => {
      clearTimeout(this.#joining);
      listener.onClose();
    });
    // A malformed frame or a reset connection; `close` follows.
    socket.on("error", () => {});
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Passes the connection to the sessions. */
  accept(sessions, { name, hash }) {
    Object.assign(this, { name, hash });
    this.#hasJoined = true;
    if (sessions.accept(this.#socket, { user: this }) !== undefined) return;
    this.close(closeCodes.refused, "the subprotocol steady.1 is required");
  }

  /** The connection has begun or resumed this session. */
  enter(session) {
    clearTimeout(this.#joining);
    this.session = session;
  }

  /** Sends a message that is not part of the session. @param {object} message */
  send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  /** Sends the state, or skips it while earlier ones are in flight: the newest is enough. */
  sendState(data) {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > unsent) this.skipped += 1;
    else this.session.send(data, { volatile: true });
  }

  /**
   * Pings the client, or terminates the connection if nothing has arrived since the last ping. The
   * session does not replace this: its server sends no heartbeat, and the timers of a hidden page
   * are rare.
   */
  ping() {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** Closes the connection and ends its session. */
  close(code, reason) {
    this.#socket.close(code, reason);
    this.session?.close();
  }

  #read(data, isBinary) {
    // Frames that arrive while the connection is closing are ignored.
    if (!this.isOpen) return;
    this.#isAlive = true;
    if (!this.#bucket.take()) this.close(closeCodes.tooFast, "too many messages");
    else if (!this.#hasJoined) this.#readFirst(isBinary ? data : String(data));
  }

  #readFirst(data) {
    const { request, problem: found } = readMessage(data);
    if (found === undefined && request.type === "join") {
      this.#listener.onJoin(request);
      return;
    }
    this.send(found ?? problem("not_joined", "send join first", request.id));
    // The client would send the same join on every connection.
    if (found?.error.code === "bad_name") this.close(closeCodes.refused, found.error.message);
  }
}
