// The entry steadysocket/testing.
import { SteadySocket } from "steadysocket";
import { createSessions } from "steadysocket/server";
import {
  type TestAttempt,
  type TestCloseInfo,
  type TestConnection,
  type TestData,
  TestServer,
  type TestServerOptions,
  type WaitOptions,
} from "steadysocket/testing";

const sessions = createSessions<{ name: string }>({ onsession() {} });
const options: TestServerOptions = {
  protocols: sessions.pick,
  onconnection: (connection: TestConnection) => {
    sessions.accept(connection, { user: { name: "Ann" } });
  },
  latency: 10,
};
const server = new TestServer(options);
new SteadySocket("ws://test", [], { WebSocket: server.WebSocket });
globalThis.WebSocket = server.WebSocket;
const plain: WebSocket = new server.WebSocket("ws://test", ["chat"]);
plain.close();

const wait: WaitOptions = { timeout: 100 };
const connection = await server.connection(wait);
const message: TestData = await connection.message();
const json: unknown = await connection.json(wait);
const end: TestCloseInfo | undefined = connection.closed;
const attempts: readonly TestAttempt[] = server.attempts;
connection.addEventListener("close", ({ code }) => connection.send(`${code} ${message}`));
connection.onmessage = ({ data }) => connection.send({ data, json, end, attempts });
connection.send(["a list"]);
connection.send(new Uint8Array(1));
// @ts-expect-error
connection.send(5);
// @ts-expect-error
connection.received.push("text");
// @ts-expect-error
new TestServer({ delay: 5 });
// @ts-expect-error
server.connections.length = 0;
