// The server of rpc-websockets, with an event and methods, one of which requires a login.
import { createServer } from "node:http";
import { Server } from "rpc-websockets";
import { listen } from "./listen.mjs";

const server = createServer();
const rpc = new Server({ server });
rpc.register("pid", () => process.pid);
rpc.register("sum", ([a, b]) => a + b);
rpc.setAuth(({ password }) => password === "opensesame");
rpc.register("secret", () => "treasure").protected();
rpc.event("news");
rpc.register("publish", ([text]) => rpc.emit("news", text));
rpc.on("connection", () => process.send({ received: "connection" }));
rpc.on("error", () => process.exit(1));
listen(server);
