// The members of the WebSocket interface: their properties, and their values over time, compared
// with the browser's own (https://websockets.spec.whatwg.org/#the-websocket-interface).
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { bothAnswers, openProbe, sameAnswers } from "./probe.mjs";

const states = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };

test("Member constants: are enumerable and constant, on the class and on its prototype", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ Socket, make, ended }, url) => {
      const names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
      const socket = make(url);
      const answers = [];
      for (const owner of [Socket, Socket.prototype, socket]) {
        for (const name of names) {
          answers.push(
            Object.getOwnPropertyDescriptor(owner, name) ?? null,
            Reflect.set(owner, name, 9),
            owner[name],
            Reflect.deleteProperty(owner, name),
          );
        }
      }
      await ended(socket);
      return answers;
    },
    page.server.url("/echo"),
  );
  const constant = (value) => ({ value, writable: false, enumerable: true, configurable: false });
  assert.deepEqual(answers.slice(0, 4), [constant(0), false, 0, false]);
  const values = answers.filter((_, index) => index % 4 === 2);
  assert.deepEqual(values, [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
});

test("Member constants: all members of WebSocket are enumerable members of the prototype", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(page, ({ Socket }) =>
    Object.entries(Object.getOwnPropertyDescriptors(WebSocket.prototype)).map(([name]) => {
      const found = Object.getOwnPropertyDescriptor(Socket.prototype, name) ?? {};
      const { enumerable, configurable, writable, get, set, value } = found;
      const kinds = [typeof get, typeof set, name === "constructor" ? "class" : typeof value];
      const named = [get?.name, set?.name, name === "constructor" ? "" : value?.name];
      return [name, enumerable, configurable, writable, ...kinds, ...named];
    }),
  );
  assert.ok(answers.length >= 17);
});

test("Member constants: for … in, in and Object.keys find the same members as in a WebSocket", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, ended }, url) => {
      const socket = make(url);
      const wanted = [];
      for (const name in WebSocket.prototype) wanted.push(name);
      const found = new Set();
      for (const name in socket) found.add(name);
      const answers = wanted.map((name) => [name, name in socket, found.has(name)]);
      await ended(socket);
      return [answers, Object.keys(socket), JSON.stringify(socket)];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers.slice(1), [[], "{}"]);
});

test("Member constants, difference: the class is named SteadySocket, and its prototype has more members", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ Socket, make, ended }, url) => {
      const socket = make(url);
      await ended(socket);
      return [
        Socket.name,
        Object.prototype.toString.call(socket),
        `${socket}`,
        ["state", "on", "connect"].map((name) => name in socket),
        socket instanceof WebSocket,
        Object.getPrototypeOf(Socket) === EventTarget,
        Socket.length,
      ];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(native.slice(0, 5), [
    "WebSocket",
    "[object WebSocket]",
    "[object WebSocket]",
    [false, false, false],
    true,
  ]);
  assert.deepEqual(ours.slice(0, 5), [
    "SteadySocket",
    "[object SteadySocket]",
    "[object SteadySocket]",
    [true, true, true],
    false,
  ]);
  assert.deepEqual(ours.slice(5), native.slice(5));
});

test("Member constants: assignments to read-only members are ignored, and throw in strict code", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, answer, ended }, url) => {
      const socket = make(url);
      const names = ["url", "readyState", "bufferedAmount", "extensions", "protocol"];
      const answers = names.map((name) => [
        Reflect.set(socket, name, "changed"),
        socket[name] === "changed",
        answer(() => {
          socket[name] = "changed";
        }),
      ]);
      await ended(socket);
      return answers;
    },
    page.server.url("/echo"),
  );
  for (const answer of answers) {
    assert.deepEqual(answer, [false, false, { throws: "TypeError", kind: "TypeError" }]);
  }
});

test("Member constants: accessors and methods throw TypeError on objects that are not sockets", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(page, ({ Socket, answer }) => {
    const { prototype } = Socket;
    const accessors = [
      "url",
      "readyState",
      "bufferedAmount",
      "extensions",
      "protocol",
      "binaryType",
    ];
    const reads = [...accessors, "onopen", "onmessage"].map((name) =>
      answer(() => {
        Object.getOwnPropertyDescriptor(prototype, name).get.call({});
        return "read";
      }),
    );
    const calls = ["send", "close"].map((name) => answer(() => prototype[name].call({}, "x")));
    return [...reads, ...calls, answer(() => prototype.readyState)];
  });
  const typeError = { throws: "TypeError", kind: "TypeError" };
  assert.deepEqual(
    answers,
    answers.map(() => typeError),
  );
});

test("Member constants: the class, its methods and its accessors have the length of WebSocket's", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(page, ({ Socket }) => {
    const { prototype } = Socket;
    const accessors = Object.keys(WebSocket.prototype).flatMap((name) => {
      const { get, set } = Object.getOwnPropertyDescriptor(prototype, name);
      return get ? [[name, get.length, set?.length ?? null]] : [];
    });
    const methods = ["send", "close", "addEventListener", "removeEventListener", "dispatchEvent"];
    return [Socket.length, methods.map((name) => prototype[name].length), accessors];
  });
  assert.deepEqual(answers.slice(0, 2), [1, [1, 0, 2, 2, 1]]);
});

test("Member constants: on other objects, TypeError is thrown before an argument is read", async (t) => {
  const page = await openProbe(t);
  const [calls, looks] = await sameAnswers(
    page,
    async ({ Socket, make, answer, ended }, url) => {
      const { prototype } = Socket;
      const socket = make(url);
      const looks = [];
      const given = new Proxy(() => {}, {
        get: (_, name) => void looks.push(String(name)),
        has: (_, name) => looks.push(String(name)) === 0,
        ownKeys: () => [`keys ${looks.push("keys")}`],
      });
      const others = [undefined, null, {}, 1, prototype, Object.create(socket)];
      others.push(new Proxy(socket, {}), new EventTarget(), document);
      const calls = [];
      for (const name of Object.keys(WebSocket.prototype)) {
        const { get, set, value } = Object.getOwnPropertyDescriptor(prototype, name);
        const members = Object.entries({ get, set, value });
        for (const [kind, member] of members.filter(([, one]) => typeof one === "function")) {
          for (const self of others) {
            for (const args of [[given, given], []]) {
              calls.push([name, kind, answer(() => void member.apply(self, args))]);
            }
          }
        }
      }
      await ended(socket);
      return [calls, looks];
    },
    page.server.url("/echo"),
  );
  assert.ok(calls.length > 200);
  const typeError = { throws: "TypeError", kind: "TypeError" };
  assert.deepEqual(
    calls.map((call) => call[2]),
    calls.map(() => typeError),
  );
  assert.deepEqual(looks, []);
});

test("Member binaryType: a value that cannot be converted to a string throws, and nothing is set", async (t) => {
  const page = await openProbe(t);
  page.expected.push(/not a valid enum value of type BinaryType/);
  const answers = await sameAnswers(
    page,
    async ({ make, answer, ended }, url) => {
      const socket = make(url);
      const values = [
        Symbol("x"),
        Object.create(null),
        {
          toString() {
            throw new RangeError("no");
          },
        },
        {
          toString() {
            socket.binaryType = "arraybuffer";
            return "nonsense";
          },
        },
      ];
      const seen = values.map((value) => [
        answer(() => {
          socket.binaryType = value;
        }) ?? "",
        socket.binaryType,
      ]);
      await ended(socket);
      return seen;
    },
    page.server.url("/echo"),
  );
  assert.equal(answers[3][1], "arraybuffer");
});

test("Member constructor: a class can extend it, and Reflect.construct creates an instance", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ Socket, isNative, next, ended }, url) => {
      const rest = isNative ? [] : [[], { reconnect: false }];
      class Chat extends Socket {
        log = [];
        constructor(room) {
          super(`${url}?${room}`, ...rest);
          this.addEventListener("open", () => this.log.push("open"));
        }
        send(data) {
          this.log.push(data);
          super.send(`<${data}>`);
        }
        get url() {
          return `chat ${super.url}`;
        }
      }
      const chat = new Chat("lobby");
      await next(chat, "open");
      const answered = next(chat, "message");
      chat.send("hello");
      const { data } = await answered;
      const made = Reflect.construct(Socket, [url, ...rest], Chat);
      const answers = [
        chat instanceof Chat && chat instanceof Socket && chat instanceof EventTarget,
        chat.log,
        data,
        chat.url,
        made instanceof Chat,
        made.readyState,
      ];
      await Promise.all([ended(chat), ended(made)]);
      return answers;
    },
    page.server.url("/echo"),
  );
  const url = `chat ${page.server.url("/echo?lobby")}`;
  assert.deepEqual(answers, [true, ["open", "hello"], "<hello>", url, true, 0]);
});

test("Member constructor: a socket cannot be cloned", async (t) => {
  const page = await openProbe(t);
  const answer = await sameAnswers(
    page,
    async ({ make, answer, ended }, url) => {
      const socket = make(url);
      const cloned = answer(() => typeof structuredClone(socket));
      await ended(socket);
      return cloned;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answer, { throws: "DataCloneError", kind: "DOMException" });
});

test("Member readyState: is 0, 1, 2 and 3 over the life of a connection that this side closes", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, next }, url) => {
      const socket = make(url);
      const seen = [socket.readyState];
      const note = () => seen.push(socket.readyState);
      await next(socket, "open").then(note);
      socket.close();
      note();
      await Promise.resolve();
      note();
      await next(socket, "close").then(note);
      return seen;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers, [0, 1, 2, 2, 3]);
});

test("Member readyState: is 3 when the server has closed, and 0 until an attempt has failed", async (t) => {
  const page = await openProbe(t);
  const script = async ({ make, next }, [path, type]) => {
    const socket = make(path);
    const seen = [];
    for (const event of ["open", "error", "close"]) {
      socket.addEventListener(event, () => seen.push([event, socket.readyState]));
    }
    seen.push(["made", socket.readyState]);
    await next(socket, type);
    return seen;
  };
  const closed = await sameAnswers(page, script, ["/close?code=1000", "close"]);
  assert.deepEqual(closed, [
    ["made", 0],
    ["open", 1],
    ["close", 3],
  ]);
  page.server.answer = () => 403;
  const failed = await sameAnswers(page, script, ["/refused", "close"]);
  assert.deepEqual(failed, [
    ["made", 0],
    ["error", 3],
    ["close", 3],
  ]);
});

test("Member readyState, difference: it is 0 again when a connection was lost and a retry follows", async (t) => {
  const page = await openProbe(t);
  const script = async ({ Socket, next, isNative }, url) => {
    const socket = new Socket(url);
    const seen = [];
    socket.addEventListener("close", () => seen.push(["close", socket.readyState]));
    socket.addEventListener("open", () => seen.push(["open", socket.readyState]));
    await next(socket, "close");
    if (!isNative) await next(socket, "open");
    socket.close();
    return seen;
  };
  let count = 0;
  const { greet } = page.server;
  page.server.greet = (connection, request) => {
    // The first connection of each class.
    if (count++ < 2) connection.close(1001);
    else greet(connection, request);
  };
  const { native, ours } = await bothAnswers(page, script, page.server.url("/echo"));
  assert.deepEqual(native, [
    ["open", 1],
    ["close", 3],
  ]);
  assert.deepEqual(ours, [
    ["open", 1],
    ["close", 0],
    ["open", 1],
  ]);
});

test("Member url: stays the same when the connection has ended", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ opened, ended }, url) => {
      const socket = await opened(url);
      const seen = [socket.url];
      await ended(socket);
      return [...seen, socket.url];
    },
    page.server.url("/echo?x"),
  );
  assert.deepEqual(answers, [page.server.url("/echo?x"), page.server.url("/echo?x")]);
});

test("Member protocol: is empty until the connection is open, and stays set when it has ended", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, next, ended }, url) => {
      const socket = make(url, ["chat", "other"]);
      const seen = [socket.protocol];
      await next(socket, "open");
      seen.push(socket.protocol);
      socket.close();
      seen.push(socket.protocol);
      await ended(socket);
      return [...seen, socket.protocol];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers, ["", "chat", "chat", "chat"]);
});

test("Member extensions: is empty until the server accepts one, and stays set when it has ended", async (t) => {
  const page = await openProbe(t);
  const script = async ({ make, next, ended }, url) => {
    const socket = make(url);
    const seen = [socket.extensions];
    await next(socket, "open");
    seen.push(socket.extensions);
    await ended(socket);
    return [...seen, socket.extensions];
  };
  assert.deepEqual(await sameAnswers(page, script, page.server.url("/echo")), ["", "", ""]);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${server.address().port}/`;
  const deflate = "permessage-deflate";
  assert.deepEqual(await sameAnswers(page, script, url), ["", deflate, deflate]);
});

test("Member bufferedAmount: counts messages sent in one task in bytes of UTF-8, and falls to 0", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ opened, messages, ended, task }, url) => {
      const socket = await opened(url);
      const seen = [socket.bufferedAmount];
      const sent = [
        "abc",
        "",
        "äöü€",
        "\u{1f600}",
        "\ud800",
        new Uint8Array(10).buffer,
        new Uint16Array(6).subarray(1, 4),
        new DataView(new ArrayBuffer(9), 2, 5),
        new ArrayBuffer(0),
        new Blob(["1234567"]),
        new Blob([]),
      ];
      const echoed = messages(socket, sent.length);
      for (const data of sent) {
        socket.send(data);
        seen.push(socket.bufferedAmount);
      }
      await echoed;
      while (socket.bufferedAmount > 0) await task();
      seen.push(socket.bufferedAmount);
      await ended(socket);
      return seen;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers, [0, 3, 3, 12, 16, 19, 29, 35, 40, 40, 47, 47, 0]);
});

test("Member bufferedAmount: grows with messages sent after close, and never falls again", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ opened, next, task }, url) => {
      const socket = await opened(url);
      const seen = [];
      const send = (data) => {
        socket.send(data);
        seen.push(socket.bufferedAmount);
      };
      socket.close();
      send("äöü");
      send(new ArrayBuffer(10));
      send(new Blob(["1234"]));
      send(new Uint32Array(3));
      await next(socket, "close");
      seen.push(socket.bufferedAmount);
      send("after");
      send(new Blob(["1234"]));
      await task();
      await task();
      seen.push(socket.bufferedAmount);
      return seen;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers, [6, 16, 20, 32, 32, 37, 41, 41]);
});

test("Member bufferedAmount: bytes in the browser's buffer when the connection ended stay counted", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ opened, next }, url) => {
      const socket = await opened(url);
      // Waits for the server to close while this page's task goes on.
      socket.send("x".repeat(1000));
      socket.close();
      socket.send("y".repeat(10));
      await next(socket, "close");
      return socket.bufferedAmount;
    },
    page.server.url("/quiet"),
  );
  assert.equal(answers, 10);
});

test("Member bufferedAmount, difference: counts messages sent while connecting", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ make, answer, ended, messages }, url) => {
      const socket = make(url);
      const echoed = messages(socket, 2);
      const seen = ["äöü", new Uint8Array(10)].map((data) => {
        const refusal = answer(() => void socket.send(data));
        return [refusal?.throws ?? "taken", socket.bufferedAmount];
      });
      if (seen[0][0] === "taken") await echoed;
      await ended(socket);
      return seen;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(native, [
    ["InvalidStateError", 0],
    ["InvalidStateError", 0],
  ]);
  assert.deepEqual(ours, [
    ["taken", 6],
    ["taken", 16],
  ]);
});

test("Member binaryType: is blob at first, and accepts only blob and arraybuffer", async (t) => {
  const page = await openProbe(t);
  page.expected.push(/not a valid enum value of type BinaryType/);
  const answers = await sameAnswers(
    page,
    async ({ make, answer, ended }, url) => {
      const socket = make(url);
      const seen = [socket.binaryType];
      const values = ["arraybuffer", "Blob", "", "nodebuffer", null, undefined, 1, {}, "blob"];
      values.push(Object("arraybuffer"), { toString: () => "blob" }, Symbol("blob"));
      for (const value of values) {
        const refusal = answer(() => {
          socket.binaryType = value;
        });
        seen.push([refusal ?? "", socket.binaryType]);
      }
      await ended(socket);
      socket.binaryType = "arraybuffer";
      return [...seen, socket.binaryType];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers.slice(0, 3), ["blob", ["", "arraybuffer"], ["", "arraybuffer"]]);
  assert.equal(answers.at(-1), "arraybuffer");
});

test("Member binaryType: can be set before and after open, and applies to the next message", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, next, messages, ended }, url) => {
      const got = [];
      const socket = make(url);
      socket.binaryType = "arraybuffer";
      await next(socket, "open");
      for (const type of ["arraybuffer", "blob", "arraybuffer"]) {
        socket.binaryType = type;
        for (const data of [new Uint8Array([1, 2, 255]), new ArrayBuffer(0), "text"]) {
          const answered = messages(socket, 1);
          socket.send(data);
          got.push(...(await answered));
        }
      }
      // Set in the handler of a message, it applies to the next one.
      const answered = messages(socket, 2);
      socket.addEventListener(
        "message",
        () => {
          socket.binaryType = "blob";
        },
        { once: true },
      );
      socket.send(new Uint8Array([1]));
      socket.send(new Uint8Array([2]));
      got.push(...(await answered));
      await ended(socket);
      return got;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers[0], { buffer: [1, 2, 255] });
  assert.deepEqual(answers[3], { blob: [1, 2, 255], type: "" });
  assert.deepEqual(answers.at(-1), { blob: [2], type: "" });
});

test("Member binaryType: is kept for later connections", async (t) => {
  const page = await openProbe(t);
  page.server.greet = (connection) => {
    connection.send(Buffer.from([page.server.connections.length]));
    if (page.server.connections.length === 1) connection.close(1001);
  };
  const got = await page.evaluate(async (url) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const socket = new SteadySocket(url);
    socket.binaryType = "arraybuffer";
    const kinds = [];
    await new Promise((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        if (kinds.push([data instanceof ArrayBuffer, ...new Uint8Array(data)]) === 2) resolve();
      });
    });
    socket.close();
    return kinds;
  }, page.server.url("/"));
  assert.deepEqual(got, [
    [true, 1],
    [true, 2],
  ]);
});

test("Member readyState: matches the constants by name", async (t) => {
  const page = await openProbe(t);
  const names = await sameAnswers(
    page,
    async ({ Socket, opened, ended }, [url, states]) => {
      const socket = await opened(url);
      const nameOf = () =>
        Object.keys(states).filter(
          (name) => socket.readyState === socket[name] && socket.readyState === Socket[name],
        );
      const names = [nameOf()];
      await ended(socket);
      return [...names, nameOf()];
    },
    [page.server.url("/echo"), states],
  );
  assert.deepEqual(names, [["OPEN"], ["CLOSED"]]);
});
