// ShareDB's backend over ws, with a database in a file: commits survive a restart.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { Duplex } from "node:stream";
import ShareDB from "sharedb";
import { WebSocketServer } from "ws";
import { listen } from "./listen.mjs";

const file = process.argv[3];
const report = (received) => process.send({ received });

class FileDatabase extends ShareDB.MemoryDB {
  constructor() {
    super();
    if (existsSync(file)) Object.assign(this, JSON.parse(readFileSync(file, "utf8")));
  }

  commit(collection, id, op, snapshot, options, done) {
    super.commit(collection, id, op, snapshot, options, (error, succeeded) => {
      writeFileSync(file, JSON.stringify({ docs: this.docs, ops: this.ops }));
      done(error, succeeded);
    });
  }
}

/** The stream of objects that a backend reads and writes. */
function objectStream(socket) {
  const stream = new Duplex({
    objectMode: true,
    read() {},
    write(message, _encoding, done) {
      socket.send(JSON.stringify(message), () => done());
    },
    final(done) {
      socket.close();
      done();
    },
  });
  socket.on("message", (data) => stream.push(JSON.parse(data)));
  socket.on("close", () => {
    stream.push(null);
    stream.destroy();
  });
  socket.on("error", () => {});
  return stream;
}

const backend = new ShareDB({ db: new FileDatabase() });
const server = createServer();
new WebSocketServer({ server }).on("connection", (socket) => {
  report("connection");
  backend.listen(objectStream(socket));
});
listen(server);
