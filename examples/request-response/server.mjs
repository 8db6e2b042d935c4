// Replies to requests: a reply has the id of its request.
import { WebSocketServer } from "ws";

const handlers = {
  divide({ a, b }) {
    if (typeof a !== "number" || typeof b !== "number") throw new Error("a and b must be numbers");
    if (b === 0) throw new Error("division by zero");
    return { quotient: a / b };
  },
  /** Is never answered. */
  wait: () => new Promise(() => {}),
};

async function reply({ id, type, ...parameters }) {
  try {
    if (!Object.hasOwn(handlers, type)) throw new Error("unknown type");
    return { id, ...(await handlers[type](parameters)) };
  } catch ({ message }) {
    return { id, error: { message } };
  }
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  maxPayload: 4_096,
  // Programs only: browsers always send an origin.
  verifyClient: ({ origin }) => origin === undefined,
});

server.on("connection", (client) => {
  client.on("error", ({ message }) => console.log(message));
  client.on("message", async (data) => {
    const message = parse(data);
    // The client's reply to the request below.
    if (message?.id === "question") console.log(`the client's version is ${message.version}`);
    else if (typeof message?.type === "string") client.send(JSON.stringify(await reply(message)));
    else client.close(1008, "not a request");
  });
  client.send(JSON.stringify({ type: "get-version", id: "question" }));
});

server.on("listening", () => {
  console.log(`listening on ws://127.0.0.1:${server.address().port}`);
});
