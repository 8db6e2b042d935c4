// The entry steadysocket/core: the class without requests, loops and schemas.
import DefaultExport, {
  type CoreSocketOptions,
  type SendResult,
  SteadySocket,
} from "steadysocket/core";

interface Incoming {
  chat: { type: "chat"; from: string };
}
type Outgoing = { type: "chat"; text: string };

const options: CoreSocketOptions = { queue: { maxMessages: 10 }, heartbeat: true };
const socket = new SteadySocket<Incoming, Outgoing>("wss://example.org", [], options);
socket.on("chat", ({ from }) => from satisfies string);
socket.send({ type: "chat", text: "hello" }) satisfies SendResult;
// @ts-expect-error - there is no such message
socket.on("move", () => {});
// @ts-expect-error - the core has no requests
socket.request({ type: "chat", text: "hello" });
// @ts-expect-error - nor schemas
new SteadySocket("wss://example.org", [], { schemas: {} });
// @ts-expect-error - nor the option names of other libraries
new SteadySocket("wss://example.org", [], { maxRetries: 3 });
const webSocket: WebSocket = new DefaultExport("wss://example.org");
webSocket.close();
export class Room extends SteadySocket<Incoming> {}
