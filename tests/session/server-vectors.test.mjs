// docs/session-vectors.json, the cases of servers, against steadysocket/server.
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { createSessions } from "./package.mjs";
import { runServerVectors } from "./support/vectors-server.mjs";

/** Where the server does not do what the protocol says. */
const leftOut = [
  // maxBytes counts text in UTF-16 code units.
  "too many bytes lose the session as a whole",
  // It answers X: the client is told that its session has ended, not that it was lost.
  "the id of a session that has ended is known",
];

test("the vectors of servers", async (t) => {
  const start = async (settings) => {
    const application = new Application(settings);
    const server = await LocalServer.start(t, {
      select: (offered) => application.sessions.pick(offered),
      greet: (connection, { url }) => application.greet(connection, new URL(url, "ws://host")),
    });
    return server.url("");
  };
  await runServerVectors(t, start, { skipOptional: true, leftOut });
});

const asJson = (data) =>
  typeof data === "string" ? { text: data } : { hex: Buffer.from(data).toString("hex") };

/** The test program that vectors-server.mjs describes, in this process. */
class Application {
  sessions;
  #list = [];
  #control;
  #released = Promise.resolve();
  #release = () => {};

  constructor(settings) {
    this.sessions = createSessions({
      ...settings,
      onsession: (session) => this.#begin(session),
    });
  }

  greet(connection, url) {
    if (url.pathname === "/control") {
      this.#control = connection;
      connection.on("message", (data) => {
        const command = JSON.parse(data.toString());
        this.#carryOut(command);
        this.#report({ done: command.id });
      });
      return;
    }
    this.sessions.accept(connection, { user: url.searchParams.get("user") });
  }

  #report(report) {
    this.#control.send(JSON.stringify(report));
  }

  #begin(session) {
    const at = this.#list.push(session);
    const report = (told, more) => this.#report({ told, session: at, ...more });
    session.onmessage = (data, number) => {
      report("handled", { number, ...asJson(data) });
      return this.#released;
    };
    session.onend = (reason, undelivered) =>
      report("ended", {
        lost: reason !== "ended" && reason !== "closed",
        undelivered: undelivered.map(({ data }) => asJson(data)),
      });
    report("began", { user: session.user });
  }

  #carryOut({ do: what, session, reason, ...message }) {
    if (what === "hold") {
      this.#released = new Promise((resolve) => {
        this.#release = resolve;
      });
    } else if (what === "release") {
      this.#release();
      this.#released = Promise.resolve();
    } else if (what === "send") {
      const { text, hex } = message;
      this.#list[session - 1].send(text ?? Buffer.from(hex, "hex"));
    } else if (what === "end") this.#list[session - 1].close(reason);
  }
}
