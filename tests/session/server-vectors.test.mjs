// The server's cases of docs/design/session-vectors.json.
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { once } from "../support/until.mjs";
import { createSessions } from "./package.mjs";
import { runServerVectors } from "./support/vectors-server.mjs";

const toJson = (data) =>
  typeof data === "string" ? { text: data } : { hex: Buffer.from(data).toString("hex") };

/** The application that vectors-server.mjs describes. */
class Application {
  #sessions = [];
  #control;
  #held;
  #release;

  accept(control) {
    this.#control = control;
    control.on("message", (text) => this.#execute(JSON.parse(String(text))));
  }

  begin(session) {
    this.#sessions.push(session);
    const number = this.#sessions.length;
    this.#report({ told: "began", session: number, user: session.user });
    session.onmessage = (data, count) => {
      this.#report({ told: "handled", session: number, number: count, ...toJson(data) });
      return this.#held;
    };
    session.onend = (reason, undelivered, message) => {
      const lost = !["ended", "closed"].includes(reason);
      const messages = undelivered.map(({ data }) => toJson(data));
      const end = { told: "ended", session: number, lost, reason: message };
      this.#report({ ...end, undelivered: messages });
    };
  }

  #report(report) {
    this.#control.send(JSON.stringify(report));
  }

  #execute({ id, do: action, session, text, hex, reason }) {
    const target = this.#sessions[session - 1];
    if (action === "send") target.send(text ?? Buffer.from(hex, "hex"));
    else if (action === "end") target.close(reason);
    else if (action === "hold") this.#hold();
    else if (action === "release") this.#releaseAll();
    this.#control.send(JSON.stringify({ done: id }));
  }

  #hold() {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  #releaseAll() {
    this.#held = undefined;
    this.#release?.();
  }
}

test("the server passes the protocol's vectors", { timeout: 120_000 }, async (t) => {
  await runServerVectors(t, async (settings) => {
    const application = new Application();
    const onsession = (session) => application.begin(session);
    const sessions = createSessions({ ...settings, onsession });
    const server = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      handleProtocols: sessions.pick,
    });
    server.on("connection", (webSocket, request) => {
      const { pathname, searchParams } = new URL(request.url, "ws://host");
      if (pathname === "/control") application.accept(webSocket);
      else sessions.accept(webSocket, { user: searchParams.get("user") });
    });
    t.after(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    await once(server, "listening");
    return `ws://127.0.0.1:${server.address().port}`;
  });
});
