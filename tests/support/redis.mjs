// A Redis server for one test, on a free port, with its own data folder: acknowledged writes
// survive kill -9.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon, freePort } from "./daemon.mjs";
import { once } from "./until.mjs";

export class Redis {
  #folder;
  #daemon;

  /** Starts one; it stops when the test ends, also if the test fails. */
  static async start(t) {
    const redis = new Redis();
    redis.#folder = await mkdtemp(join(tmpdir(), "steadysocket-redis-"));
    t.after(async () => {
      await redis.#daemon?.kill();
      await rm(redis.#folder, { recursive: true, force: true });
    });
    let port;
    redis.#daemon = await Daemon.start(t, {
      name: "redis-server",
      args: async (before) => {
        port = before ?? (await freePort());
        return redis.#settings(port);
      },
      ready: (line) => (/Ready to accept connections/.test(line) ? port : undefined),
    });
    return redis;
  }

  get port() {
    return this.#daemon.port;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Kills it, by default with SIGKILL, and waits for its exit. */
  kill(signal) {
    return this.#daemon.kill(signal);
  }

  /** Restarts it on the same port, with its data. */
  restart() {
    return this.#daemon.restart();
  }

  /** Deletes its data, while it does not run. */
  async empty() {
    await rm(this.#folder, { recursive: true });
    await mkdir(this.#folder);
  }

  /** Sends a command without arguments, and waits for its answer. */
  async command(name) {
    const socket = connect(this.port, "127.0.0.1");
    socket.end(`${name}\r\n`);
    const [answer] = await once(socket, "data");
    if (!String(answer).startsWith("+")) throw new Error(String(answer));
  }

  #settings(port) {
    const dir = this.#folder;
    // Only the process is killed, not the machine: writes survive without a sync. With the default
    // "everysec" it answers before it has written, while a sync is under way.
    const appending = { appendonly: "yes", appendfsync: "no" };
    const settings = { port, bind: "127.0.0.1", dir, save: "", ...appending };
    return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  }
}
