// The server of the live cases, a process of its own. A connection sends requests as text:
//   {"ask":"send","count":1000,"size":60,"perFrame":1}   sends so many messages to it
//   {"ask":"count","count":1000}                         sends { type: "counted" } after receiving so many
// At /slow a connection is accepted after 40 ms.
// For a client with a handshake of its own the server only completes the handshake. With the
// subprotocol steady.1 there is a session, with a minimal server side: every 64 frames are
// acknowledged.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { handshakeOf } from "../handshakes.mjs";
import { messages } from "../messages.mjs";

const writeBytes = 1 << 16;
const acknowledgedEvery = 64;
const sockets = new WebSocketServer({ noServer: true });

/** A text frame of a server (RFC 6455 5.2), not masked, up to 64 KB. */
function frame(text) {
  const payload = Buffer.from(text);
  const length = payload.length;
  const header = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), payload]);
}

/** Buffers with many frames each, and `count` messages in total. */
function prepare(count, size, perFrame) {
  const objects = messages(size);
  const buffers = [];
  let frames = [];
  let bytes = 0;
  for (let n = 0; n < count; n += perFrame) {
    const some = Array.from(
      { length: Math.min(perFrame, count - n) },
      (_, i) => objects[(n + i) % objects.length],
    );
    const one = frame(JSON.stringify(perFrame === 1 ? some[0] : some));
    frames.push(one);
    bytes += one.length;
    if (bytes >= writeBytes || n + perFrame >= count) {
      buffers.push(Buffer.concat(frames));
      frames = [];
      bytes = 0;
    }
  }
  return buffers;
}

const prepared = new Map();

/** Writes prepared buffers with many frames each, because only the client is measured. */
function send(stream, { count, size, perFrame }) {
  const key = [count, size, perFrame].join();
  if (!prepared.has(key)) prepared.set(key, prepare(count, size, perFrame));
  const buffers = prepared.get(key).values();
  const write = () => {
    for (;;) {
      const { done, value } = buffers.next();
      if (done) return;
      if (!stream.write(value)) {
        stream.once("drain", write);
        return;
      }
    }
  };
  write();
}

/** Returns a function that handles the control frames of a session, and counts the others. */
function joinSession(socket) {
  let received = 0;
  const answers = {
    H: ([, epoch]) => `W ${epoch} 0 120000`,
    "?": ([number]) => `! ${number} ${received} ${Date.now()}`,
  };
  socket.send("\x10G 1 life");
  return (text) => {
    if (text.charCodeAt(0) !== 0x10) {
      if (++received % acknowledgedEvery === 0) socket.send(`\x10A ${received}`);
      return false;
    }
    const [letter, ...fields] = text.slice(1).split(" ");
    const answer = answers[letter]?.(fields);
    if (answer !== undefined) socket.send(`\x10${answer}`);
    return true;
  };
}

function serve(socket, stream) {
  let left = 0;
  const isControl = socket.protocol === "steady.1" ? joinSession(socket) : () => false;
  socket.on("message", (data) => {
    const text = data.toString();
    if (isControl(text)) return;
    // Parses every message, as real servers do.
    const message = JSON.parse(text);
    if (message.ask === "send") {
      send(stream, message);
    } else if (message.ask === "count") {
      left = message.count;
      socket.send('{"type":"counting"}');
    } else {
      left -= Array.isArray(message) ? message.length : 1;
      if (left === 0) socket.send('{"type":"counted"}');
    }
  });
}

function shakeHands(socket, { greeting, answer }) {
  if (greeting !== undefined) socket.send(greeting);
  socket.on("message", (data) => {
    const reply = answer(data.toString());
    if (reply !== undefined) socket.send(reply);
  });
}

const server = createServer();
server.on("upgrade", (request, stream, head) => {
  const accept = () =>
    sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on("error", () => {});
      const handshake = handshakeOf(request.url);
      if (handshake === undefined) serve(socket, stream);
      else shakeHands(socket, handshake);
    });
  if (request.url === "/slow") setTimeout(accept, 40);
  else accept();
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
