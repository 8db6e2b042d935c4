// A guest book on any number of servers: what a client sends is added to one list, once, and every
// client receives the whole list in order, once, whichever of the servers is killed.
//
//   npm install steadysocket redis ws
//   node server.mjs 8081 redis://127.0.0.1:6379
//   node server.mjs 8082 redis://127.0.0.1:6379
import { createClient } from "redis";
import { createSessions } from "steadysocket/server";
import { WebSocketServer } from "ws";
import { redisStore } from "./store.mjs";

const [port = "8081", url = "redis://127.0.0.1:6379"] = process.argv.slice(2);
const list = "guestbook";

const redis = await createClient({ url }).on("error", console.error).connect();
const store = redisStore(redis);
const live = new Set();

const sessions = createSessions({
  store,
  onerror: (error) => console.error(error),
  onsession(session) {
    live.add(session);
    session.onend = () => live.delete(session);
    session.onconnect = () => update(session);
    session.onmessage = async (entry, number) => {
      await store.commit(session, number, list, String(entry));
      await redis.publish(list, "");
    };
  },
});

/** The n-th entry of the list is the n-th message. */
async function update(session) {
  const from = session.sent;
  const entries = await redis.lRange(list, from, -1).catch((error) => console.error(error) ?? []);
  // Less what another call has sent in the meantime.
  for (const entry of entries.slice(session.sent - from)) {
    if (live.has(session)) session.send(entry);
  }
}

const subscriber = await redis.duplicate().on("error", console.error).connect();
await subscriber.subscribe(list, () => {
  for (const session of live) update(session);
});

const server = new WebSocketServer({
  port: Number(port),
  host: "127.0.0.1",
  handleProtocols: sessions.pick,
  maxPayload: 65_536,
});
server.on("connection", (webSocket) => {
  // A real server authenticates first, and passes the user.
  if (!sessions.accept(webSocket)) webSocket.close(1008, "sessions only");
});
server.on("listening", () => console.log(`listening on port ${server.address().port}`));
