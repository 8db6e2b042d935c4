// The entry steadysocket/server, without the types of Node and `ws`.
import {
  createSessions,
  type EndReason,
  memoryStore,
  type ServerWebSocket,
  type Session,
  SessionError,
  type SessionStore,
} from "steadysocket/server";

interface User {
  name: string;
}

const store: SessionStore<User> = memoryStore<User>();
const sessions = createSessions<User>({
  store,
  ttl: 1000,
  authorize: (user, { user: owner }) => user.name === owner.name,
  onsession(session: Session<User>) {
    session.onmessage = async (data, number) => {
      if (typeof data === "string") session.send(data);
      else session.send(new Uint8Array(data instanceof ArrayBuffer ? data : data.buffer));
      if (number > 9) throw new SessionError("moved");
    };
    session.onend = (reason: EndReason, undelivered) => {
      for (const { number, data } of undelivered) session.send(`${reason} ${number} ${data}`);
    };
    const name: string = session.user.name;
    session.close(name);
    // @ts-expect-error
    session.user = { name };
    // @ts-expect-error
    session.send({ an: "object" });
  },
});

// The standard WebSocket, and any object with `send` and `close`.
declare const standard: WebSocket;
const own: ServerWebSocket = { send() {}, close() {} };
const protocol: string | false = sessions.pick(["chat", "steady.1"]);
const accepted = sessions.accept(standard, { user: { name: "Ann" }, protocol: "steady.1" });
accepted?.receive(String(protocol));
sessions.accept(own)?.closed();
// @ts-expect-error
sessions.accept(own, { user: "Ann" });
// @ts-expect-error
createSessions({});
