// graphql-ws's own server, with queries and an endless subscription. Reports every connection_init,
// and the code of every closed connection.
import { createServer } from "node:http";
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { listen } from "./listen.mjs";

const report = (received) => process.send({ received });

async function* count() {
  for (let number = 1; ; ++number) {
    yield { count: number };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: {
      pid: { type: GraphQLInt, resolve: () => process.pid },
      name: {
        type: GraphQLString,
        resolve: (_source, _args, { connectionParams }) => connectionParams?.name,
      },
    },
  }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: { count: { type: GraphQLInt, subscribe: count } },
  }),
});

const server = createServer();
const sockets = new WebSocketServer({ server, path: "/graphql" });
sockets.on("connection", (socket) => socket.on("close", (code) => report(`closed ${code}`)));
useServer(
  { schema, context: (context) => context, onConnect: () => report("connection_init") },
  sockets,
);
listen(server);
