// A STOMP broker: stomp-broker-js. Reports every CONNECT.
import { createServer } from "node:http";
import StompServer from "stomp-broker-js";
import { listen } from "./listen.mjs";

const server = createServer();
const broker = new StompServer({ server, path: "/stomp" });
// The broker does not send a message to its own sender.
broker.subscribe("/chat", (body) => broker.send("/news", {}, body));
broker.on("connected", () => process.send({ received: "CONNECT" }));
listen(server);
