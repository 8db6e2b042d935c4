import { createHash } from "node:crypto";
import { decode, encode } from "@msgpack/msgpack";
import { SteadySocket } from "steadysocket";
import { WebSocket } from "ws"; // Node 22 and newer have their own.

const socket = new SteadySocket(process.env.SERVER_URL, [], { WebSocket });
socket.binaryType = "arraybuffer";

const samples = Uint8Array.from({ length: 256 }, (_, index) => index);
const reading = { type: "reading", sensor: "roof", samples };
const packed = encode(reading);

socket.addEventListener("message", ({ data }) => {
  const { type, sensor, size, sha256 } = decode(data);
  const own = createHash("sha256").update(samples).digest();
  console.log(
    `${type}: ${size} bytes of ${sensor}, checksum ${own.equals(sha256) ? "ok" : "wrong"}`,
  );
  socket.close();
});

const json = JSON.stringify({ ...reading, samples: Buffer.from(samples).toString("base64") });
console.log(`${packed.length} bytes of MessagePack, ${json.length} bytes of JSON with base64`);
console.log(socket.send(packed).status); // "queued": there is no connection yet
