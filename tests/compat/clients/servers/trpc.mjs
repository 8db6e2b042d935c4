// tRPC's own WebSocket adapter.
import { createServer } from "node:http";
import { initTRPC } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocketServer } from "ws";
import { listen } from "./listen.mjs";

const report = (received) => process.send({ received });
const { procedure, router } = initTRPC.context().create();

export const appRouter = router({
  pid: procedure.query(() => process.pid),
  name: procedure.query(({ ctx }) => ctx.name),
  count: procedure.subscription(async function* ({ signal }) {
    for (let number = 1; !signal.aborted; ++number) {
      yield number;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }),
});

const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on("connection", () => report("connection"));
applyWSSHandler({
  wss: sockets,
  router: appRouter,
  createContext: ({ info }) => ({ name: info.connectionParams?.name }),
});
listen(server);
