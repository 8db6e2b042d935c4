// The tests that are the same in every runtime: the story (story.mjs) against real servers, one of
// which is killed and started again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../../support/local-server.mjs";
import { ServerProcess } from "../../support/server-process.mjs";

const echo = (connection) =>
  connection.on("message", (data, binary) => connection.send(data, { binary }));

/**
 * Makes the tests of one way to have a WebSocket.
 *
 * @param source - the runtime's "own"; or that of `ws`, passed as an "option" or made "global".
 */
export function tellStory({ label, runtime, source, flags }) {
  const play = (t, chapter, url) => runtime.run(t, "story.mjs", [source, chapter, url], flags);

  test(`Runtime ${label}: text, objects and binary data as with WebSocket`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const story = play(t, "messages", server.url());
    assert.deepEqual(await story.reported("at once"), [0, "connecting", "", true]);
    assert.deepEqual(await story.reported("open"), [1, "open", "chat.v1"]);
    assert.deepEqual(server.handshakes[0].protocols, ["chat.v1", "chat.v2"]);
    for (const [binaryType, tag] of [
      ["blob", "Blob"],
      ["arraybuffer", "ArrayBuffer"],
    ]) {
      assert.equal(await story.reported("origin"), true);
      assert.deepEqual(await story.reported(binaryType), [
        "text é \u{1f600} \0.",
        `{"type":"greeting","to":"${binaryType}"}`,
        `${tag} 1,2,3,4`,
        `${tag} 2,3`,
        `${tag} 3,4`,
        `${tag} 65,66`,
        "the last",
      ]);
    }
    assert.deepEqual(await story.reported("routed"), [
      { type: "greeting", to: "blob" },
      { type: "greeting", to: "arraybuffer" },
    ]);
    assert.deepEqual(await story.reported("closed"), [3, "closed", "chat.v1"]);
    assert.equal(await story.ended(), 0, story.errors);
  });

  test(`Runtime ${label}: what waits for a dead server arrives in order`, async (t) => {
    const server = await ServerProcess.start(t);
    const story = play(t, "outage", server.url());
    assert.deepEqual(await story.reported("before it is open"), ["queued"]);
    assert.deepEqual(await story.reported("open"), ["sent"]);
    await story.reported("kill the server");
    await server.kill();
    const [close, readyState, results] = await story.reported("away");
    assert.deepEqual(close, [1006, false, true]);
    assert.deepEqual([readyState, results], [0, ["queued"]]);
    await story.reported("start the server");
    await server.restart();
    assert.deepEqual(await story.reported("back"), ["sent"]);
    assert.equal(await story.reported("received"), true);
    assert.equal(await story.reported("drained"), 0);
    assert.deepEqual(await story.reported("closed"), [1000, "enough", true]);
    await server.until(() => server.received.length >= 510);
    const numbers = server.received.map((text) => JSON.parse(text).number);
    assert.deepEqual(numbers, [...Array(510).keys()]);
    assert.equal(await story.ended(), 0, story.errors);
  });

  test(`Runtime ${label}: heartbeats find dead connections, measure others`, async (t) => {
    const server = await LocalServer.start(t);
    server.greet = (connection, { url }) => {
      if (url === "/pong") connection.on("message", () => connection.send("pong"));
    };
    const story = play(t, "heartbeat", server.url());
    assert.deepEqual(await story.reported("a server that says nothing"), [
      "open",
      "error heartbeat_timeout",
      "close 1006",
      "open",
    ]);
    assert.equal(await story.reported("a server that answers"), true);
    assert.equal(await story.ended(), 0, story.errors);
  });

  test(`Runtime ${label}: both sides close with a code and a reason`, async (t) => {
    const server = await LocalServer.start(t);
    const heard = [];
    server.greet = (connection) => {
      connection.on("close", (code, reason) => heard.push([code, `${reason}`]));
      if (server.connections.length === 4) connection.close(4002, "no");
    };
    const story = play(t, "close", server.url());
    const closed = [
      [4001, "enough \u00e9", true, false],
      [1000, "", true, false],
      [1005, "", true, false],
    ];
    for (const event of closed) {
      assert.deepEqual(await story.reported("closing"), [2, "closing"]);
      assert.deepEqual(await story.reported("closed"), event);
    }
    assert.deepEqual(await story.reported("the server closes"), [4002, "no", true, false]);
    assert.deepEqual(await story.reported("what it is"), [true, "close", true]);
    assert.equal(await story.reported("nobody there"), 1006);
    assert.equal(await story.ended(), 0, story.errors);
    await server.until(() => heard.length === 4);
    assert.deepEqual(
      heard.slice(0, 3),
      closed.map(([code, reason]) => [code, reason]),
    );
  });

  test(`Runtime ${label}: a stalled server gets no flood; drops are told`, async (t) => {
    const server = await LocalServer.start(t);
    server.greet = (connection) => {
      if (server.connections.length === 1) connection.pause();
    };
    const story = play(t, "pressure", server.url());
    const [firstQueued, lastSent] = await story.reported("cut the connection");
    // Up to the high-water mark, and what the system takes beyond; what follows waits.
    assert.equal(firstQueued, lastSent + 1);
    assert.ok(lastSent >= 15 && lastSent < 255, `${lastSent}`);
    server.connections[0].terminate();
    const dropped = await story.reported("dropped");
    assert.equal(await story.ended(), 0, story.errors);
    // What the system had taken, what is told, and what came on the second connection is everything.
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

  test(`Runtime ${label}: what WebSocket refuses has the same error name`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const story = play(t, "refused", server.url());
    const syntaxError = "DOMException SyntaxError";
    assert.deepEqual(await story.reported("URLs"), Array(4).fill(syntaxError));
    assert.deepEqual(await story.reported("protocols"), Array(3).fill(syntaxError));
    assert.equal(await story.reported("an option"), "TypeError");
    assert.deepEqual(
      await story.reported("codes"),
      Array(3).fill("DOMException InvalidAccessError"),
    );
    assert.equal(await story.reported("a reason"), syntaxError);
    assert.equal(await story.reported("an object without a text"), "TypeError");
    assert.equal(await story.reported("it is well"), "open");
    assert.equal(await story.ended(), 0, story.errors);
  });

  test(`Runtime ${label}: the process ends when its sockets are closed`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    server.answer = ({ url }) => (url === "/hang" ? "hang" : undefined);
    const story = play(t, "end", server.url());
    await story.reported("all are closed");
    assert.equal(await story.ended(), 0, story.errors);
  });

  test(`Runtime ${label}: an uncaught error of a handler ends the process`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const story = play(t, "error", server.url());
    assert.equal(await story.ended(), 1);
    assert.match(story.errors, /Error: of a handler|error: of a handler/);
  });

  test(`Runtime ${label}: an error of a handler that is caught is harmless`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const story = play(t, "caught", server.url());
    assert.deepEqual((await story.reported("heard")).toSorted(), [
      "of a handler",
      "of a handler",
      "of a listener",
    ]);
    assert.equal(await story.reported("the other handler"), 2);
    assert.equal(await story.ended(), 0, story.errors);
  });
}
