// The server of the live chat, in the page: a bot that answers, on sessions.
import { createSessions } from "steadysocket/server";
import { TestServer } from "steadysocket/testing";

/** Milliseconds that a message takes in each direction, and that the bot thinks. */
const latency = 30;
const thinking = 600;

/** Returns a TestServer whose sessions outlive its connections, as those in a store do. */
export function startChatServer() {
  const sessions = createSessions({
    onsession(session) {
      session.onmessage = (data, number) => {
        const { text } = JSON.parse(data);
        const answer = { type: "chat", text: `Message ${number} received once: ${text}` };
        setTimeout(() => session.send(JSON.stringify(answer)), thinking);
      };
    },
  });
  return new TestServer({
    latency,
    protocols: sessions.pick,
    onconnection: (connection) => sessions.accept(connection),
  });
}
