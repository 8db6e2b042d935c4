// A feed of prices. Clients subscribe with the time of the last price that they know, and may send
// alerts.
import { WebSocketServer } from "ws";

const prices = [];
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  maxPayload: 4_096,
  // Programs only: browsers always send an origin.
  verifyClient: ({ origin }) => origin === undefined,
});
const subscribers = new Set();

const send = (client, price) => client.send(JSON.stringify({ type: "price", ...price }));

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

server.on("connection", (client) => {
  client.on("error", ({ message }) => console.log(message));
  client.once("close", () => subscribers.delete(client));
  client.on("message", (data) => {
    const { type, since, text } = parse(data) ?? {};
    if (type === "subscribe" && typeof since === "number") {
      for (const price of prices) if (price.at > since) send(client, price);
      subscribers.add(client);
    } else if (type === "alert" && typeof text === "string") {
      console.log(`alert: ${text}`);
    } else {
      client.close(1008, "unknown message");
    }
  });
});

setInterval(() => {
  const at = Date.now();
  const price = { at, value: Math.round(1_000 + 50 * Math.sin(at / 2_000)) / 10 };
  prices.push(price);
  if (prices.length > 100) prices.shift();
  for (const client of subscribers) {
    // Terminates a client that does not read.
    if (client.bufferedAmount > 1_000_000) client.terminate();
    else send(client, price);
  }
}, 200);

server.on("listening", () => {
  console.log(`listening on ws://127.0.0.1:${server.address().port}`);
});
