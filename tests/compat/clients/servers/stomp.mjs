// A STOMP broker: stomp-broker-js. Tells of every CONNECT.
import { createServer } from "node:http";
import StompServer from "stomp-broker-js";
import { listen } from "./listen.mjs";

const server = createServer();
const broker = new StompServer({ server, path: "/stomp" });
// It sends nothing back to the session that has sent it.
broker.subscribe("/chat", (body) => broker.send("/news", {}, body));
broker.on("connected", () => process.send({ received: "CONNECT" }));
listen(server);
