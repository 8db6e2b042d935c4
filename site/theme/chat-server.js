// The server of the live chat, in the page: a bot that answers, on sessions.
import { createSessions } from "steadysocket/server";
import { TestServer } from "steadysocket/testing";

/** Milliseconds that a message takes in each direction, and that the bot thinks. */
const latency = 30;
const thinking = 600;

/** Returns a TestServer whose sessions outlive its connections, as those in a store do. */
export function startChatServer() {
  const sessions = createSessions({
    ttl: 3_600_000,
    onsession(session) {
      const timers = new Set();
      session.onend = () => timers.forEach(clearTimeout);
      session.onmessage = (data, number) => {
        const { text } = JSON.parse(data);
        const answer = { type: "chat", text: `Message ${number} received once: ${text}` };
        const timer = setTimeout(() => {
          timers.delete(timer);
          session.send(JSON.stringify(answer));
        }, thinking);
        timers.add(timer);
      };
    },
  });
  return new TestServer({
    latency,
    protocols: sessions.pick,
    onconnection: (connection) => sessions.accept(connection),
  });
}
