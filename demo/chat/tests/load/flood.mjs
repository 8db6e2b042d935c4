// Connections that load the chat's server as much as they can, in a process of their own: raw
// frames, since clients that parse their input would be slower than the server.
import { once } from "node:events";
import { connect } from "node:net";
import { handshakeRequest } from "../../../common/tests/raw-http.mjs";

const [port, kind, count] = process.argv.slice(2);

/**
 * The frames that a connection sends repeatedly: a number per second, or as fast as they are read.
 */
const kinds = {
  ping: { again: frames(0x81, '{"type":"ping"}', 1000) },
  talk: {
    first: (n) => frames(0x81, `{"type":"join","userName":"talker ${n}"}`, 1),
    again: frames(0x81, '{"type":"chat-message","message":"blah"}', 1),
    rate: 20,
  },
  join: { first: (n) => frames(0x81, `{"type":"join","userName":"guest ${n}"}`, 1) },
};

/** Some frames with the same short payload; masked, with zeros. */
function frames(opcode, text, times) {
  const payload = Buffer.from(text);
  const head = Buffer.from([opcode, 0x80 | payload.length, 0, 0, 0, 0]);
  return Buffer.concat(Array(times).fill([head, payload]).flat());
}

async function open() {
  const connection = connect(Number(port), "127.0.0.1");
  connection.on("error", () => {});
  connection.write(handshakeRequest("/chat"));
  await once(connection, "data");
  connection.resume();
  return connection;
}

function send(connection, { again, rate }) {
  if (rate !== undefined) {
    setInterval(() => connection.writableNeedDrain || connection.write(again), 1000 / rate);
    return;
  }
  const write = () => {
    while (connection.write(again));
  };
  connection.on("drain", write);
  write();
}

const { first, ...rest } = kinds[kind];
const connections = [];
for (let n = 0; n < Number(count); ++n) connections.push(await open());
for (const [n, connection] of connections.entries()) {
  if (first !== undefined) connection.write(first(n));
  if (rest.again !== undefined) send(connection, rest);
}
process.send("flooding");
