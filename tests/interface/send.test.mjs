// The arguments of send and what arrives, compared with the browser's own WebSocket
// (https://websockets.spec.whatwg.org/#dom-websocket-send).
import assert from "node:assert/strict";
import { test } from "node:test";
import { bothAnswers, openProbe, sameAnswers } from "./probe.mjs";

/**
 * Sends each value of `makeValues`: the exception, or the echoes up to a final message, which shows
 * whether a value was sent at all.
 */
async function echoes(probe, [url, makeValues]) {
  const { opened, answer, ended, shown } = probe;
  const socket = await opened(url);
  const got = [];
  for (const value of await makeValues(probe)) {
    const arrived = [];
    const echoed = new Promise((resolve) => {
      socket.onmessage = ({ data }) => {
        if (data === "the end") resolve();
        else arrived.push(data);
      };
    });
    const refusal = answer(() => void socket.send(value));
    socket.send("the end");
    await echoed;
    got.push(refusal ?? (await Promise.all(arrived.map(shown))));
  }
  await ended(socket);
  return got;
}

/** Asserts the same echoes with both classes; `makeValues` runs in the page. */
function sameEchoes(page, makeValues) {
  const script = `(probe, url) => (${echoes})(probe, [url, ${makeValues}])`;
  return sameAnswers(page, script, page.server.url("/echo"));
}

function bothEchoes(page, makeValues) {
  const script = `(probe, url) => (${echoes})(probe, [url, ${makeValues}])`;
  return bothAnswers(page, script, page.server.url("/echo"));
}

const typeError = { throws: "TypeError", kind: "TypeError" };

test("Member send: strings arrive unchanged, lone surrogates as U+FFFD", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => [
    "hello",
    "",
    "\u0000",
    "\ufeffwith a mark",
    "äöü€\u{1f600}",
    "a\ud800b",
    "\udc00\ud800",
    "[1,2]",
    '{"type":"ping"}',
  ]);
  assert.deepEqual(got.slice(0, 2), [["hello"], [""]]);
  assert.deepEqual(got[5], ["a\ufffdb"]);
});

test("Member send: other primitive values and functions are converted to strings", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => [
    12,
    -0,
    1.5e300,
    Number.NaN,
    true,
    null,
    undefined,
    10n,
    Symbol("a"),
    () => "a function",
    class A {},
  ]);
  assert.deepEqual(got.slice(0, 8), [
    ["12"],
    ["0"],
    ["1.5e+300"],
    ["NaN"],
    ["true"],
    ["null"],
    ["undefined"],
    ["10"],
  ]);
  assert.deepEqual(got[8], typeError);
});

test("Member send: wrapper objects of primitive values are sent as strings", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => [
    new String("wrapped"),
    Object(7),
    Object(false),
    Object(10n),
  ]);
  assert.deepEqual(got, [["wrapped"], ["7"], ["false"], ["10"]]);
});

test("Member send, difference: an object that is not binary is sent as JSON", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothEchoes(page, () => [
    { type: "move", x: 1 },
    Object.assign(Object.create(null), { a: 1 }),
    [1, "two", { three: 3 }],
    new (class Player {
      name = "Ada";
    })(),
    { toJSON: () => ({ own: true }) },
    new URL("https://h.test/x"),
  ]);
  assert.deepEqual(native, [
    ["[object Object]"],
    typeError,
    ["1,two,[object Object]"],
    ["[object Object]"],
    ["[object Object]"],
    ["https://h.test/x"],
  ]);
  assert.deepEqual(ours, [
    ['{"type":"move","x":1}'],
    ['{"a":1}'],
    ['[1,"two",{"three":3}]'],
    ['{"name":"Ada"}'],
    ['{"own":true}'],
    ['"https://h.test/x"'],
  ]);
});

test("Member send, difference: an object that cannot be serialized as JSON throws TypeError", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothEchoes(page, () => {
    const cyclic = {};
    cyclic.self = cyclic;
    return [cyclic, { toJSON: () => undefined }, { big: 1n }];
  });
  assert.deepEqual(native, [["[object Object]"], ["[object Object]"], ["[object Object]"]]);
  assert.deepEqual(ours, [typeError, typeError, typeError]);
});

test("Member send: without an argument it throws TypeError, in every state", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ make, next, answer, ended }, url) => {
      const socket = make(url);
      const attempt = () => answer(() => void socket.send());
      const got = [attempt()];
      await next(socket, "open");
      got.push(attempt());
      await ended(socket);
      return [...got, attempt()];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(got, [typeError, typeError, typeError]);
});

test("Member send: buffers and every kind of view arrive with their own part of the bytes", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => {
    const { buffer } = new Uint8Array([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
    ]);
    const kinds = [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
    ];
    if (globalThis.Float16Array) kinds.push(Float16Array);
    return [
      buffer,
      buffer.slice(4, 7),
      new ArrayBuffer(0),
      new DataView(buffer, 3, 5),
      new DataView(buffer, 18),
      new Uint8Array(buffer, 5),
      new Uint8Array(),
      ...kinds.map((View) => new View(buffer, 8, 1)),
      ...kinds.map((View) => new View(2)),
    ];
  });
  assert.deepEqual(got[1], [{ blob: [4, 5, 6], type: "" }]);
  assert.deepEqual(got[3], [{ blob: [3, 4, 5, 6, 7], type: "" }]);
});

test("Member send: detached, resizable and shared memory is accepted or refused as by WebSocket", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => {
    const detached = new ArrayBuffer(4);
    const view = new Uint8Array(detached);
    const data = new DataView(detached);
    structuredClone(detached, { transfer: [detached] });
    const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
    const tracking = new Uint8Array(resizable);
    const fixed = new Uint8Array(resizable, 1, 2);
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
    const memory = new WebAssembly.Memory({ initial: 1 }).buffer;
    return [
      detached,
      view,
      data,
      resizable,
      tracking,
      fixed,
      shared,
      new Uint8Array(shared, 0, 4),
      new DataView(shared, 0, 4),
      new Uint8Array(memory, 0, 4),
    ];
  });
  const empty = [{ blob: [], type: "" }];
  const refused = Array(6).fill(typeError);
  assert.deepEqual(got, [empty, empty, empty, ...refused, [{ blob: [0, 0, 0, 0], type: "" }]]);
});

test("Member send: a Blob or a File arrives as its bytes, whatever its type", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => [
    new Blob(["abc", new Uint8Array([0, 255])], { type: "text/plain" }),
    new Blob([]),
    new File(["file"], "name.txt"),
    new Blob(["0123456789"]).slice(2, 5),
  ]);
  assert.deepEqual(got[0], [{ blob: [97, 98, 99, 0, 255], type: "" }]);
  assert.deepEqual(got[3], [{ blob: [50, 51, 52], type: "" }]);
});

test("Member send: binary data and strings of another window are recognized", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const other = frame.contentWindow;
    return [
      new other.Uint8Array([1, 2]),
      new other.Uint8Array([1, 2]).buffer,
      new other.DataView(new other.ArrayBuffer(2)),
      new other.Blob(["blob"]),
      new other.String("text"),
    ];
  });
  assert.deepEqual(got[0], [{ blob: [1, 2], type: "" }]);
  assert.deepEqual(got[4], ["text"]);
});

test("Member send: objects that imitate binary data are not taken for it", async (t) => {
  const page = await openProbe(t);
  const got = await sameEchoes(page, () => [
    Object.assign(new String("text"), { [Symbol.toStringTag]: "Blob", size: 4 }),
    Object.assign(new String("text"), { [Symbol.toStringTag]: "ArrayBuffer", byteLength: 4 }),
    new (class extends Uint8Array {
      get byteLength() {
        return 1;
      }
    })([1, 2, 3]),
    Object.defineProperty(new Uint8Array([1, 2]), Symbol.toStringTag, { value: "String" }),
  ]);
  assert.deepEqual(got[0], ["text"]);
});

test("Member send: order is kept between strings, buffers and Blobs, large and small", async (t) => {
  const page = await openProbe(t);
  const size = 200_000;
  const got = await sameAnswers(
    page,
    async ({ opened, messages, ended }, [url, size]) => {
      const socket = await opened(url);
      const many = new Uint8Array(size).fill(7);
      const values = [
        "first",
        new Blob([many]),
        "second",
        new Blob(["small"]),
        new Blob([]),
        many,
        "",
        new ArrayBuffer(0),
        "x".repeat(size),
        new Blob(["a", many]),
        new Blob(["b"]),
        "last",
      ];
      const echoed = messages(socket, values.length);
      for (const value of values) socket.send(value);
      const got = await echoed;
      await ended(socket);
      return got.map((data) =>
        typeof data === "string"
          ? [data.length, data.slice(0, 6)]
          : [data.blob.length, data.blob[0] ?? null],
      );
    },
    [page.server.url("/echo"), size],
  );
  assert.deepEqual(got, [
    [5, "first"],
    [size, 7],
    [6, "second"],
    [5, 115],
    [0, null],
    [size, 7],
    [0, ""],
    [0, null],
    [size, "xxxxxx"],
    [size + 1, 97],
    [1, 98],
    [4, "last"],
  ]);
});

test("Member send: bytes that are changed or transferred after it arrive as they were", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ opened, messages, ended }, url) => {
      const socket = await opened(url);
      const echoed = messages(socket, 3);
      const bytes = new Uint8Array([1, 2, 3]);
      socket.send(new Blob(["before"]));
      socket.send(bytes);
      bytes.fill(9);
      socket.send(bytes.buffer);
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      const got = await echoed;
      await ended(socket);
      return got.slice(1);
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(got, [
    { blob: [1, 2, 3], type: "" },
    { blob: [9, 9, 9], type: "" },
  ]);
});

test("Member send: after close it throws nothing, and nothing arrives", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ opened, next, answer }, url) => {
      const socket = await opened(url);
      const closed = next(socket, "close");
      socket.send("before");
      socket.close();
      const values = ["text", new Uint8Array(2), new Blob(["blob"]), new ArrayBuffer(3)];
      const attempt = (value) => answer(() => void socket.send(value)) ?? "nothing is thrown";
      const closing = values.map(attempt);
      await closed;
      return [...closing, ...values.map(attempt), attempt(Symbol("x"))];
    },
    page.server.url("/quiet"),
  );
  assert.deepEqual(got, [...Array(8).fill("nothing is thrown"), typeError]);
  await page.server.until(() => page.server.connections.every((one) => one.readyState === 3));
});

test("Member send, difference: while connecting it queues, where WebSocket throws", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ make, answer, messages, ended }, url) => {
      const socket = make(url);
      const echoed = messages(socket, 3);
      const values = ["a", new Uint8Array([1]), new Blob(["b"])];
      const answers = values.map((value) => answer(() => socket.send(value)?.status));
      const got = typeof answers[0] === "string" ? await echoed : [];
      await ended(socket);
      return [answers, got];
    },
    page.server.url("/echo"),
  );
  const invalidState = { throws: "InvalidStateError", kind: "DOMException" };
  assert.deepEqual(native, [[invalidState, invalidState, invalidState], []]);
  assert.deepEqual(ours, [
    ["queued", "queued", "queued"],
    ["a", { blob: [1], type: "" }, { blob: [98], type: "" }],
  ]);
});

test("Member send, difference: it returns the message's status, and drop events report dropped messages", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ opened, ended, next, isNative }, url) => {
      const socket = await opened(url);
      const drops = [];
      socket.addEventListener("drop", ({ reason, data }) => drops.push([reason, data]));
      const answers = [socket.send("now")];
      await ended(socket);
      const dropped = next(socket, "drop");
      answers.push(socket.send("too late"));
      if (!isNative) await dropped;
      return [answers.map((answer) => answer?.status ?? "nothing"), drops];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(native, [["nothing", "nothing"], []]);
  assert.deepEqual(ours, [["sent", "rejected"], [["closed", "too late"]]]);
});

test("Member send: a message of several megabytes arrives", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ opened, next, ended }, url) => {
      const socket = await opened(url);
      const size = 3 << 20;
      const sizes = [];
      for (const value of [
        "ä".repeat(size / 2),
        new Uint8Array(size),
        new Blob([new Uint8Array(size)]),
      ]) {
        const echoed = next(socket, "message");
        socket.send(value);
        const { data } = await echoed;
        sizes.push(data.length ?? data.size);
      }
      await ended(socket);
      return sizes;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(got, [(3 << 20) / 2, 3 << 20, 3 << 20]);
});

test("Member send, difference: a message without room in the browser's buffer and the queue is rejected", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ opened, ended }, url) => {
      const socket = await opened(url);
      const drops = [];
      socket.addEventListener("drop", ({ reason }) => drops.push(reason));
      const megabytes = new Uint8Array(15 << 20);
      const answers = [1, 2, 3].map(() => socket.send(megabytes)?.status ?? "nothing");
      await ended(socket);
      return [answers, drops];
    },
    page.server.url("/quiet"),
  );
  assert.deepEqual(native, [["nothing", "nothing", "nothing"], []]);
  assert.deepEqual(ours, [["sent", "queued", "rejected"], ["queue_full"]]);
});
