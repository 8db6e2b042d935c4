import { SteadySocket, SteadySocketError } from "steadysocket";
import { WebSocket } from "ws"; // Node 22 and newer have their own.

const socket = new SteadySocket(process.env.SERVER_URL, [], { WebSocket });

/** Sends a request and prints the reply, or why there is none. */
async function ask(message, options) {
  try {
    const { quotient } = await socket.request(message, options);
    console.log(`${JSON.stringify(message)}: ${quotient}`);
  } catch (error) {
    if (!(error instanceof SteadySocketError)) throw error;
    const detail = error.code === "failed" ? error.reply.error.message : error.message;
    console.log(`${JSON.stringify(message)}: ${error.code}, ${detail}`);
  }
}

// Requests of the server. What the handler returns is the reply.
socket.handle("get-version", () => ({ version: process.version }));

await ask({ type: "divide", a: 6, b: 3 });
await ask({ type: "divide", a: 6, b: 0 });
await ask({ type: "wait" }, { timeout: 1_000 });

// In parallel: replies are matched by their ids, in any order.
await Promise.all([1, 2, 4].map((b) => ask({ type: "divide", a: 8, b })));

socket.close();
