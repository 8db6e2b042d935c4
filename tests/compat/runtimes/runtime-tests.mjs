// The tests that are the same in every runtime: scenarios.mjs against real servers, one of which is
// killed and restarted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../../support/local-server.mjs";
import { ServerProcess } from "../../support/server-process.mjs";

const echo = (connection) =>
  connection.on("message", (data, binary) => connection.send(data, { binary }));

/**
 * Defines the tests of a runtime with one source of its WebSocket class.
 *
 * @param source - "own": the runtime's; "option" or "global": that of `ws`, passed or made global.
 */
export function testRuntime({ label, runtime, source, flags }) {
  const start = (t, name, url) => runtime.run(t, "scenarios.mjs", [source, name, url], flags);

  test(`Runtime ${label}: text, objects and binary data as with WebSocket`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const program = start(t, "messages", server.url());
    assert.deepEqual(await program.reported("new"), [0, "connecting", "", true]);
    assert.deepEqual(await program.reported("open"), [1, "open", "chat.v1"]);
    assert.deepEqual(server.handshakes[0].protocols, ["chat.v1", "chat.v2"]);
    for (const [binaryType, tag] of [
      ["blob", "Blob"],
      ["arraybuffer", "ArrayBuffer"],
    ]) {
      assert.equal(await program.reported("origin"), true);
      assert.deepEqual(await program.reported(binaryType), [
        "text é \u{1f600} \0.",
        `{"type":"greeting","to":"${binaryType}"}`,
        `${tag} 1,2,3,4`,
        `${tag} 2,3`,
        `${tag} 3,4`,
        `${tag} 65,66`,
        "the last",
      ]);
    }
    assert.deepEqual(await program.reported("routed"), [
      { type: "greeting", to: "blob" },
      { type: "greeting", to: "arraybuffer" },
    ]);
    assert.deepEqual(await program.reported("closed"), [3, "closed", "chat.v1"]);
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${label}: messages queued during an outage arrive in order`, async (t) => {
    const server = await ServerProcess.start(t);
    const program = start(t, "outage", server.url());
    assert.deepEqual(await program.reported("before open"), ["queued"]);
    assert.deepEqual(await program.reported("open"), ["sent"]);
    await program.reported("kill the server");
    await server.kill();
    const [close, readyState, results] = await program.reported("waiting");
    assert.deepEqual(close, [1006, false, true]);
    assert.deepEqual([readyState, results], [0, ["queued"]]);
    await program.reported("start the server");
    await server.restart();
    assert.deepEqual(await program.reported("reopened"), ["sent"]);
    assert.equal(await program.reported("received"), true);
    assert.equal(await program.reported("drained"), 0);
    assert.deepEqual(await program.reported("closed"), [1000, "enough", true]);
    await server.until(() => server.received.length >= 510);
    const numbers = server.received.map((text) => JSON.parse(text).number);
    assert.deepEqual(numbers, [...Array(510).keys()]);
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${label}: heartbeats detect dead connections and measure round trips`, async (t) => {
    const server = await LocalServer.start(t);
    server.greet = (connection, { url }) => {
      if (url === "/pong") connection.on("message", () => connection.send("pong"));
    };
    const program = start(t, "heartbeat", server.url());
    assert.deepEqual(await program.reported("silent server"), [
      "open",
      "error heartbeat_timeout",
      "close 1006",
      "open",
    ]);
    assert.equal(await program.reported("answering server"), true);
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${label}: both sides close with a code and a reason`, async (t) => {
    const server = await LocalServer.start(t);
    const closes = [];
    server.greet = (connection) => {
      connection.on("close", (code, reason) => closes.push([code, `${reason}`]));
      if (server.connections.length === 4) connection.close(4002, "no");
    };
    const program = start(t, "close", server.url());
    const closed = [
      [4001, "enough \u00e9", true, false],
      [1000, "", true, false],
      [1005, "", true, false],
    ];
    for (const event of closed) {
      assert.deepEqual(await program.reported("closing"), [2, "closing"]);
      assert.deepEqual(await program.reported("closed"), event);
    }
    assert.deepEqual(await program.reported("closed by the server"), [4002, "no", true, false]);
    assert.deepEqual(await program.reported("event"), [true, "close", true]);
    assert.equal(await program.reported("no server"), 1006);
    assert.equal(await program.ended(), 0, program.errors);
    await server.until(() => closes.length === 4);
    assert.deepEqual(
      closes.slice(0, 3),
      closed.map(([code, reason]) => [code, reason]),
    );
  });

  test(`Runtime ${label}: a stalled server is not flooded, and drops are reported`, async (t) => {
    const server = await LocalServer.start(t);
    server.greet = (connection) => {
      if (server.connections.length === 1) connection.pause();
    };
    const program = start(t, "pressure", server.url());
    const [firstQueued, lastSent] = await program.reported("cut the connection");
    // Sent up to the high-water mark and the system's buffers, then queued.
    assert.equal(firstQueued, lastSent + 1);
    assert.ok(lastSent >= 15 && lastSent < 255, `${lastSent}`);
    server.connections[0].terminate();
    const dropped = await program.reported("dropped");
    assert.equal(await program.ended(), 0, program.errors);
    // Every message was in the system's buffers, is reported, or arrives on the second connection.
    const numbers = dropped.map(([number]) => number);
    assert.ok(dropped.every(([, reason]) => reason === "unconfirmed"));
    assert.ok(numbers.length >= 15, `${numbers}`);
    const end = numbers.at(-1) + 1;
    assert.ok(end >= firstQueued);
    const all = (from, to) => Array.from({ length: to - from }, (_, index) => from + index);
    assert.deepEqual(numbers, all(numbers[0], end));
    const received = server.received.map((text) => Number.parseInt(text, 10));
    assert.deepEqual(received, all(end, 256));
  });

  test(`Runtime ${label}: invalid arguments throw the same errors as WebSocket`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const program = start(t, "refused", server.url());
    const syntaxError = "DOMException SyntaxError";
    assert.deepEqual(await program.reported("URLs"), Array(4).fill(syntaxError));
    assert.deepEqual(await program.reported("protocols"), Array(3).fill(syntaxError));
    assert.equal(await program.reported("an option"), "TypeError");
    assert.deepEqual(
      await program.reported("codes"),
      Array(3).fill("DOMException InvalidAccessError"),
    );
    assert.equal(await program.reported("a reason"), syntaxError);
    assert.equal(await program.reported("an object without JSON"), "TypeError");
    assert.equal(await program.reported("state"), "open");
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${label}: the process ends when its sockets are closed`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    server.answer = ({ url }) => (url === "/hang" ? "hang" : undefined);
    const program = start(t, "end", server.url());
    await program.reported("all are closed");
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${label}: an uncaught error in a handler ends the process`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const program = start(t, "error", server.url());
    assert.equal(await program.ended(), 1);
    assert.match(program.errors, /Error: of a handler|error: of a handler/);
  });

  test(`Runtime ${label}: a caught error in a handler has no other effect`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const program = start(t, "caught", server.url());
    assert.deepEqual((await program.reported("errors")).toSorted(), [
      "of a handler",
      "of a handler",
      "of a listener",
    ]);
    assert.equal(await program.reported("calls of the other handler"), 2);
    assert.equal(await program.ended(), 0, program.errors);
  });
}
