import { createServer } from "node:http";
import { SteadySocket } from "steadysocket";
import { WebSocket } from "ws"; // Node 22 and newer have their own.

let last = 0;
let count = 0;

const socket = new SteadySocket(process.env.SERVER_URL, [], {
  WebSocket,
  // Called before every attempt: the feed continues where it was interrupted.
  firstMessage: () => ({ type: "subscribe", since: last }),
});

socket.addEventListener("statechange", ({ state, retryIn }) => {
  console.log(state === "waiting" ? `waiting, next attempt in ${retryIn} ms` : state);
});
socket.addEventListener("drop", ({ reason, data }) => console.error("not sent", reason, data));

// For a load balancer or an orchestrator.
const health = createServer((_request, response) => {
  response.writeHead(socket.state === "open" ? 200 : 503).end(socket.state);
});
health.listen(Number(process.env.HEALTH_PORT ?? 0), "127.0.0.1", () => {
  console.log(`health on http://127.0.0.1:${health.address().port}`);
  console.log(`to stop: kill -TERM ${process.pid}`);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    console.log(`${signal}: closing`);
    socket.send({ type: "alert", text: `the service is stopping after ${count} prices` });
    // Sends what is queued first, over another connection if necessary.
    socket.close({ code: 1000, reason: signal, flush: true, deadline: 5_000 });
  });
}

// Ends when the socket is closed. If the loop is slower than the feed, the oldest prices are dropped.
for await (const { at, value } of socket.messages("price", { overflow: "drop_oldest" })) {
  last = at;
  if (++count % 5 === 0) console.log(`${count} prices, the last is ${value}`);
  if (value > 104.5) socket.send({ type: "alert", text: `price ${value}` }, { key: "price" });
}

health.close();
console.log(`stopped after ${count} prices`);
