// Receives readings of sensors in MessagePack, and acknowledges each with its checksum.
import { createHash } from "node:crypto";
import { decode, encode } from "@msgpack/msgpack";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  maxPayload: 65_536,
  // Programs only: browsers always send an origin.
  verifyClient: ({ origin }) => origin === undefined,
});

function parse(data) {
  try {
    return decode(data);
  } catch {
    return undefined;
  }
}

server.on("connection", (client) => {
  client.on("error", ({ message }) => console.log(message));
  client.on("message", (data) => {
    const { type, sensor, samples } = parse(data) ?? {};
    if (type !== "reading" || !(samples instanceof Uint8Array)) {
      client.close(1007, "not a reading");
      return;
    }
    const sha256 = new Uint8Array(createHash("sha256").update(samples).digest());
    client.send(encode({ type: "stored", sensor, size: samples.length, sha256 }));
  });
});

server.on("listening", () => {
  console.log(`listening on ws://127.0.0.1:${server.address().port}`);
});
