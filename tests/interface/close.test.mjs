// Closing, by either side, compared with the browser's own WebSocket
// (https://websockets.spec.whatwg.org/#dom-websocket-close).
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { bothAnswers, openProbe, sameAnswers } from "./probe.mjs";

/** A page, and the code and reason of every close frame that its server receives, in order. */
async function openClosing(t) {
  const page = await openProbe(t);
  const frames = [];
  const { greet } = page.server;
  page.server.greet = (connection, request) => {
    connection.on("close", (code, reason) => frames.push([code, reason.toString()]));
    greet(connection, request);
  };
  return Object.assign(page, { frames });
}

/**
 * Calls `close` with each list of arguments on an open connection of its own: the exception, or the
 * close event. `makeCalls` runs in the page.
 */
async function closings({ opened, answer, next, ended }, url, makeCalls) {
  const answers = [];
  for (const given of makeCalls()) {
    const socket = await opened(url);
    const closed = next(socket, "close");
    const refusal = answer(() => socket.close(...given));
    if (refusal !== undefined) {
      answers.push([refusal, socket.readyState]);
      await ended(socket);
      continue;
    }
    const state = socket.readyState;
    const { code, reason, wasClean } = await closed;
    answers.push([state, code, reason, wasClean]);
  }
  return answers;
}

async function sameClosings(page, makeCalls) {
  const script = `(probe, url) => (${closings})(probe, url, ${makeCalls})`;
  return sameAnswers(page, script, page.server.url("/quiet"));
}

/** Asserts that the server receives the same close frames from both classes. */
async function sameFrames(page, count) {
  await page.server.until(() => page.frames.length === 2 * count);
  assert.deepEqual(page.frames.slice(count), page.frames.slice(0, count));
  return page.frames.slice(0, count);
}

const open = 1;
const closing = 2;
const invalidAccess = [{ throws: "InvalidAccessError", kind: "DOMException" }, open];
const syntaxError = [{ throws: "SyntaxError", kind: "DOMException" }, open];
const typeError = [{ throws: "TypeError", kind: "TypeError" }, open];

test("Member close: codes 1000 and 3000 to 4999 are sent, and reported in the event", async (t) => {
  const page = await openClosing(t);
  const answers = await sameClosings(page, () => [[1000], [3000], [4000, "bye"], [4999, ""]]);
  assert.deepEqual(answers, [
    [closing, 1000, "", true],
    [closing, 3000, "", true],
    [closing, 4000, "bye", true],
    [closing, 4999, "", true],
  ]);
  assert.deepEqual(await sameFrames(page, 4), [
    [1000, ""],
    [3000, ""],
    [4000, "bye"],
    [4999, ""],
  ]);
});

test("Member close: every other code throws InvalidAccessError, and the connection stays open", async (t) => {
  const page = await openClosing(t);
  const answers = await sameClosings(page, () =>
    [0, 1, 999, 1001, 1005, 1006, 1015, 2999, 5000, 65535, 65536, -1].map((code) => [code]),
  );
  assert.deepEqual(answers, Array(12).fill(invalidAccess));
});

test("Member close: a code that is not an integer from 0 to 65535 is clamped to one", async (t) => {
  const page = await openClosing(t);
  const answers = await sameClosings(page, () => [
    ["1000"],
    [" 4000 "],
    [1000.4],
    [65536 + 1000],
    [-64536],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    [Number.NaN],
    [null],
    [true],
    [false],
    [""],
    ["x"],
  ]);
  assert.deepEqual(answers[0], [closing, 1000, "", true]);
  assert.deepEqual(answers[2], [closing, 1000, "", true]);
  assert.deepEqual(answers[3], invalidAccess);
});

test("Member close, difference: a code is rounded to the nearest, or even, integer; Chromium truncates", async (t) => {
  const page = await openClosing(t);
  const makeCalls = () => [[999.5], [1000.5], [2999.6], [3001.5]];
  const script = `(probe, url) => (${closings})(probe, url, ${makeCalls})`;
  const { native, ours } = await bothAnswers(page, script, page.server.url("/quiet"));
  const closes = (code) => [closing, code, "", true];
  assert.deepEqual(native, [invalidAccess, closes(1000), invalidAccess, closes(3001)]);
  assert.deepEqual(ours, [closes(1000), closes(1000), closes(3000), closes(3002)]);
});

test("Member close: a code that cannot be converted to a number throws TypeError, or its own error", async (t) => {
  const page = await openClosing(t);
  const answers = await sameClosings(page, () => [
    [Symbol("1000")],
    [1000n],
    [1000, Symbol("reason")],
    [
      1000,
      {
        toString() {
          throw new RangeError("no text");
        },
      },
    ],
  ]);
  assert.deepEqual(answers.slice(0, 2), [typeError, typeError]);
  assert.deepEqual(answers[3], [{ throws: "RangeError", kind: "RangeError" }, open]);
});

test("Member close: without a code none is sent, and the event has code 1005", async (t) => {
  const page = await openClosing(t);
  const answers = await sameClosings(page, () => [[], [undefined], [undefined, undefined]]);
  assert.deepEqual(answers, Array(3).fill([closing, 1005, "", true]));
  assert.deepEqual(await sameFrames(page, 3), Array(3).fill([1005, ""]));
});

test("Member close, difference: undefined with a reason means no code, unlike in Chromium", async (t) => {
  const page = await openClosing(t);
  const makeCalls = () => [
    [undefined, "a reason"],
    [undefined, ""],
  ];
  const script = `(probe, url) => (${closings})(probe, url, ${makeCalls})`;
  const { native, ours } = await bothAnswers(page, script, page.server.url("/quiet"));
  assert.deepEqual(native, [invalidAccess, invalidAccess]);
  assert.deepEqual(ours, Array(2).fill([closing, 1005, "", true]));
});

test("Member close: a reason longer than 123 bytes of UTF-8 throws SyntaxError", async (t) => {
  const page = await openClosing(t);
  const answers = await sameClosings(page, () => [
    [1000, "x".repeat(123)],
    [1000, "x".repeat(124)],
    [1000, "ä".repeat(61)],
    [1000, "ä".repeat(62)],
    [1000, "€".repeat(41)],
    [1000, `${"€".repeat(41)}x`],
    [1000, "\u{1f600}".repeat(30)],
    [1000, "\u{1f600}".repeat(31)],
    [1000, "\ud800".repeat(41)],
    [1000, "\ud800".repeat(42)],
    [999, "x".repeat(124)],
  ]);
  const kinds = answers.map((answer) => (answer.length === 4 ? "closes" : answer[0].throws));
  assert.deepEqual(kinds.slice(0, 10), Array(5).fill(["closes", "SyntaxError"]).flat());
  assert.deepEqual(answers[1], syntaxError);
});

test("Member close: a reason that is not a string is converted to one", async (t) => {
  const page = await openClosing(t);
  const answers = await sameClosings(page, () => [
    [1000, null],
    [1000, undefined],
    [1000, 12],
    [1000, {}],
    [1000, ["a", "b"]],
    [1000, { toString: () => "named" }],
    [1000, "a\ud800"],
    [1000, "\u0000\n"],
  ]);
  const reasons = ["null", "", "12", "[object Object]", "a,b", "named", "a\ufffd", "\u0000\n"];
  assert.deepEqual(
    answers,
    reasons.map((reason) => [closing, 1000, reason, true]),
  );
  assert.deepEqual(
    await sameFrames(page, 8),
    reasons.map((reason) => [1000, reason]),
  );
});

test("Member close, difference: an object is read as options, not as a number", async (t) => {
  const page = await openClosing(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ opened, next, answer, ended }, url) => {
      const socket = await opened(url);
      const closed = next(socket, "close");
      const refusal = answer(() => socket.close({ code: 4000, reason: "done", flush: true }));
      if (refusal !== undefined) {
        await ended(socket);
        return refusal;
      }
      const { code, reason } = await closed;
      return [code, reason];
    },
    page.server.url("/quiet"),
  );
  assert.deepEqual(native, invalidAccess[0]);
  assert.deepEqual(ours, [4000, "done"]);
});

test("Member close: the event has the server's code and reason, and whether the close was clean", async (t) => {
  const page = await openProbe(t);
  const paths = ["/close", "/close?code=1000&reason=bye", "/close?code=4000", "/close?code=3999"];
  paths.push(
    ...[1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].map(
      (code) => `/close?code=${code}&reason=${encodeURIComponent("äöü€")}`,
    ),
  );
  const answers = await sameAnswers(
    page,
    ({ lives }, urls) => lives(urls),
    paths.map((path) => page.server.url(path)),
  );
  const reported = answers.map((events) => {
    assert.deepEqual(
      events.map(({ type }) => type),
      ["open", "close"],
    );
    const { code, reason, wasClean } = events.at(-1);
    return [code, reason, wasClean];
  });
  assert.deepEqual(reported.slice(0, 3), [
    [1005, "", true],
    [1000, "bye", true],
    [4000, "", true],
  ]);
  assert.deepEqual(reported.at(-1), [1014, "äöü€", true]);
});

test("Member close: a connection that breaks is reported with 1006, as not clean", async (t) => {
  const page = await openProbe(t);
  page.server.greet = (connection) => connection.terminate();
  const events = await sameAnswers(
    page,
    async ({ make, recorded, next }, url) => {
      const socket = make(url);
      const events = recorded(socket);
      await next(socket, "close");
      return events;
    },
    page.server.url("/"),
  );
  assert.deepEqual(events.map(({ type, code, wasClean }) => [type, code, wasClean]).at(-1), [
    "close",
    1006,
    false,
  ]);
});

test("Member close: frames that violate the protocol end the connection as with WebSocket", async (t) => {
  const page = await openProbe(t);
  const frames = {
    masked: [0x81, 0x81, 0, 0, 0, 0, 0x61],
    reserved: [0xf1, 0x01, 0x61],
    unknown: [0x83, 0x00],
    notUtf8: [0x81, 0x02, 0xc3, 0x28],
    longPing: [0x89, 0x7e, 0x00, 0x7e, ...Array(126).fill(0)],
    continuation: [0x80, 0x01, 0x61],
    closeOfOneByte: [0x88, 0x01, 0x03],
    closeNotUtf8: [0x88, 0x04, 0x03, 0xe8, 0xc3, 0x28],
    closeWith1005: [0x88, 0x02, 0x03, 0xed],
  };
  page.server.greet = (_connection, request) =>
    request.socket.write(Buffer.from(frames[request.url.slice(1)]));
  const answers = await sameAnswers(
    page,
    async ({ make, recorded, next }, urls) => {
      const answers = [];
      for (const url of urls) {
        const socket = make(url);
        const events = recorded(socket);
        await next(socket, "close");
        answers.push(
          events.map(({ type, code, wasClean }) => [type, code ?? null, wasClean ?? null]),
        );
      }
      return answers;
    },
    Object.keys(frames).map((name) => page.server.url(`/${name}`)),
  );
  assert.deepEqual(answers[0], [
    ["open", null, null],
    ["error", null, null],
    ["close", 1006, false],
  ]);
});

test("Member close: while connecting it fails the connection: error, then close with 1006", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, recorded, next }, url) => {
      const answers = [];
      for (const given of [[], [1000], [4000, "a reason"]]) {
        const socket = make(url);
        const events = recorded(socket);
        socket.close(...given);
        const state = socket.readyState;
        await next(socket, "close");
        answers.push([state, events]);
      }
      return answers;
    },
    page.server.url("/quiet"),
  );
  for (const [state, events] of answers) {
    assert.equal(state, closing);
    assert.deepEqual(
      events.map(({ type, code }) => [type, code ?? null]),
      [
        ["error", null],
        ["close", 1006],
      ],
    );
  }
});

test("Member close: invalid arguments throw in every state", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, answer, next }, url) => {
      const socket = make(url);
      const closed = next(socket, "close");
      const attempts = () => [
        socket.readyState,
        answer(() => socket.close(999)),
        answer(() => socket.close(1000, "x".repeat(124))),
        answer(() => socket.close(Symbol("x"))),
      ];
      const answers = [attempts()];
      await next(socket, "open");
      answers.push(attempts());
      socket.close();
      answers.push(attempts());
      await closed;
      return [...answers, attempts()];
    },
    page.server.url("/quiet"),
  );
  assert.deepEqual(
    answers.map(([state]) => state),
    [0, 1, 2, 3],
  );
  for (const [, ...refusals] of answers) {
    assert.deepEqual(refusals, [invalidAccess[0], syntaxError[0], typeError[0]]);
  }
});

test("Member close: repeated calls have no effect, and one close event is dispatched", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ opened, answer, recorded, next, task }, url) => {
      const socket = await opened(url);
      const events = recorded(socket);
      const closed = next(socket, "close");
      const results = [
        answer(() => socket.close(4001, "first")),
        answer(() => socket.close(4002, "second")),
        answer(() => socket.close()),
      ];
      await closed;
      results.push(
        answer(() => socket.close(4003)),
        answer(() => socket.close()),
      );
      await task();
      await task();
      return [results.map((result) => result ?? "nothing"), events];
    },
    page.server.url("/quiet"),
  );
  assert.deepEqual(answers[0], Array(5).fill("nothing"));
  assert.deepEqual(
    answers[1].map(({ type, code, reason }) => [type, code, reason]),
    [["close", 4001, "first"]],
  );
});

test("Member close: a call inside a handler works like any other", async (t) => {
  const page = await openProbe(t);
  const script = async ({ make, recorded, next, task }, [url, when]) => {
    const socket = make(url);
    const events = recorded(socket);
    const closed = next(socket, "close");
    const states = [];
    socket[`on${when}`] = () => {
      states.push(socket.readyState);
      socket.close(4000, `in ${when}`);
      states.push(socket.readyState);
    };
    socket.addEventListener("open", () => {
      if (socket.readyState === 1) socket.send("hello");
    });
    await closed;
    await task();
    return [states, events.map(({ type, code, reason }) => [type, code ?? "", reason ?? ""])];
  };
  const run = (path, when) => sameAnswers(page, script, [page.server.url(path), when]);
  const inOpen = await run("/echo", "open");
  assert.deepEqual(inOpen[1].at(-1), ["close", 4000, "in open"]);
  const inMessage = await run("/echo", "message");
  assert.deepEqual(inMessage[0], [1, 2]);
  const inClose = await run("/close?code=4321", "close");
  assert.deepEqual(inClose, [
    [3, 3],
    [
      ["open", "", ""],
      ["close", 4321, ""],
    ],
  ]);
  page.server.answer = () => 403;
  const inError = await run("/refused", "error");
  assert.deepEqual(inError[0], [3, 3]);
});

test("Member close: messages sent before it arrive, a Blob too", async (t) => {
  const page = await openProbe(t);
  await sameAnswers(
    page,
    async ({ opened, next }, url) => {
      const socket = await opened(url);
      const closed = next(socket, "close");
      for (let i = 0; i < 50; ++i) socket.send(`${i}`);
      socket.send(new Blob(["a Blob"]));
      socket.send(new Uint8Array(100_000));
      socket.send("last");
      socket.close();
      const { code, wasClean } = await closed;
      return [code, wasClean];
    },
    page.server.url("/echo"),
  );
  const all = page.server.received.map((data) => (typeof data === "string" ? data : data.length));
  const wanted = [...Array.from({ length: 50 }, (_, i) => String(i)), 6, 100_000, "last"];
  assert.deepEqual(all, [...wanted, ...wanted]);
});

test("Member close: is clean if the server has closed already, even before an event reports that", async (t) => {
  const page = await openProbe(t);
  let closed;
  page.server.greet = (connection) => {
    closed = once(connection, "message").then(() => connection.close(4002, "the server"));
  };
  const { serve } = page.server;
  page.server.serve = (request, response) => {
    if (request.url === "/when-closed") closed.then(() => response.end());
    else serve(request, response);
  };
  const reported = await sameAnswers(
    page,
    async ({ opened, next }, url) => {
      const socket = await opened(url);
      const closed = next(socket, "close");
      const request = new XMLHttpRequest();
      // Nothing else happens in this page until the server has closed.
      request.open("GET", "/when-closed", false);
      socket.send("close");
      request.send();
      const state = socket.readyState;
      socket.close(4001, "the page");
      const { wasClean } = await closed;
      return [state, wasClean];
    },
    page.server.url("/"),
  );
  assert.deepEqual(reported, [1, true]);
});

test("Member close, difference: the event has willRetry, and another attempt may follow", async (t) => {
  const page = await openProbe(t);
  let count = 0;
  page.server.greet = (connection) => {
    if (count++ < 2) connection.close(1001);
  };
  const { native, ours } = await bothAnswers(
    page,
    async ({ Socket, next, isNative }, url) => {
      const socket = new Socket(url);
      const first = await next(socket, "close");
      const ends = [[first.code, first.willRetry]];
      if (isNative) return ends;
      await next(socket, "open");
      socket.close(1000);
      const last = await next(socket, "close");
      return [...ends, [last.code, last.willRetry]];
    },
    page.server.url("/"),
  );
  assert.deepEqual(native, [[1001, undefined]]);
  assert.deepEqual(ours, [
    [1001, true],
    [1000, false],
  ]);
});

test("Member close, difference: during a retry delay it ends the delay and closes the socket", async (t) => {
  const page = await openProbe(t);
  page.server.greet = (connection) => connection.close(1001);
  const answers = await page.evaluate(async (url) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const socket = new SteadySocket(url, [], {
      reconnect: { initialDelay: 60_000, maxDelay: 60_000 },
    });
    const next = (type) =>
      new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
    const lost = await next("close");
    const { state } = socket;
    const closed = next("close");
    socket.close();
    const { code, wasClean, willRetry } = await closed;
    return [lost.willRetry, state, code, wasClean, willRetry, socket.readyState];
  }, page.server.url("/"));
  assert.deepEqual(answers.slice(0, 2), [true, "waiting"]);
  assert.deepEqual(answers.slice(4), [false, 3]);
});

test("Member close: a close that the server does not answer ends after closeTimeout", async (t) => {
  const page = await openProbe(t);
  page.server.greet = (_connection, request) => request.socket.pause();
  const answers = await page.evaluate(async (url) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const socket = new SteadySocket(url, [], { closeTimeout: 50 });
    const next = (type) =>
      new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
    await next("open");
    socket.close(4000);
    const { code, wasClean } = await next("close");
    return [code, wasClean, socket.readyState];
  }, page.server.url("/"));
  assert.deepEqual(answers, [1006, false, 3]);
});
