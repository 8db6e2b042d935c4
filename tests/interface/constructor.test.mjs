// The constructor of the WebSocket interface: URLs and subprotocols, compared with the browser's
// own (https://websockets.spec.whatwg.org/#the-websocket-interface).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { gotoSecure } from "../support/secure-site.mjs";
import { bothAnswers, failedConnection, openProbe, sameAnswers } from "./probe.mjs";

const syntaxError = { throws: "SyntaxError", kind: "DOMException" };
const typeError = { throws: "TypeError", kind: "TypeError" };

/** The `url` of a socket for each string, or the exception. Does not wait for connections. */
function urlsOf({ make, answer }, given) {
  return given.map((text) => {
    const { url, ...refusal } = answer(() => {
      const socket = make(text);
      socket.close();
      return { url: socket.url };
    });
    return [text, url ?? refusal];
  });
}

async function sameUrls(page, given) {
  return Object.fromEntries(await sameAnswers(page, urlsOf, given));
}

test("Member constructor: without a URL, or without new, it throws TypeError", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(page, ({ Socket, answer }) => [
    answer(() => new Socket()),
    answer(() => Socket("ws://127.0.0.1/")),
    answer(() => Socket.call({}, "ws://127.0.0.1/")),
  ]);
  assert.deepEqual(answers, [typeError, typeError, typeError]);
});

test("Member constructor: a new socket is connecting, and its members have the initial values", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, ended }, url) => {
      const socket = make(url);
      const members = {};
      for (const name in WebSocket.prototype) {
        if (typeof socket[name] !== "function") members[name] = socket[name];
      }
      await ended(socket);
      return members;
    },
    page.server.url("/path?query"),
  );
  assert.equal(answers.readyState, 0);
  assert.equal(answers.url, page.server.url("/path?query"));
  assert.equal(answers.onmessage, null);
});

test("Member constructor: a URL that is not a string is converted to one, and a failed conversion throws", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(page, ({ make, answer }) => {
    const link = document.createElement("a");
    link.href = "ws://127.0.0.1/link";
    const given = [
      new URL("wss://127.0.0.1/object"),
      new String("ws://127.0.0.1/wrapped"),
      { toString: () => "ws://127.0.0.1/named" },
      link,
      location,
      undefined,
      null,
      12,
      true,
      {},
      [],
      ["ws://127.0.0.1/in-a-list"],
      Symbol("ws://127.0.0.1/"),
      Object.create(null),
      {
        toString() {
          throw new RangeError("no text");
        },
      },
    ];
    return given.map((url) =>
      answer(() => {
        const socket = make(url);
        socket.close();
        return socket.url;
      }),
    );
  });
  assert.equal(answers[0], "wss://127.0.0.1/object");
  assert.deepEqual(answers.at(-1), { throws: "RangeError", kind: "RangeError" });
});

test("Member constructor, difference: a function for the URL or the subprotocols is called for its result", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ make, answer, next, isNative, ended }, url) => {
      if (isNative) {
        return [
          // The function's source is read as a relative URL.
          answer(() => {
            const socket = make(() => url);
            socket.close();
            return socket.url.startsWith(new URL("/", url));
          }),
          answer(() => void make(url, () => "chat")),
        ];
      }
      const socket = make(
        () => url,
        () => "chat",
      );
      await next(socket, "open");
      const { protocol } = socket;
      await ended(socket);
      return [socket.url === url, protocol];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(native, [true, syntaxError]);
  assert.deepEqual(ours, [true, "chat"]);
});

test("Member URL: is parsed and serialised as by WebSocket: white space, case, ports, paths", async (t) => {
  const page = await openProbe(t);
  const urls = await sameUrls(page, [
    "ws://h.test",
    "WS://H.TEST/Path",
    " \t\nws://h.test/ \n",
    "w\ns://h.te\tst/",
    "ws://h.test:80/",
    "ws://h.test:443",
    "wss://h.test:443/",
    "wss://h.test:80/",
    "ws://h.test:0/",
    "ws://h.test:65535/",
    "ws://h.test:65536/",
    "ws://h.test:-1/",
    "ws://h.test:12a/",
    "ws://h.test:/",
    "ws://h.test:00080/",
    "ws://h.test/a/../b/./c/%2e%2e/d",
    "ws://h.test?query",
    "ws://h.test/?",
    "ws://h.test/%zz",
    "ws://h.test/ä ö?ü= y'\"<>`",
    "ws://h.test/\u0000",
    "ws://h.test/\ud800",
    "ws://h.test/\u{1f600}",
    "ws:h.test",
    "ws:/h.test",
    "ws:///h.test",
    "ws:\\\\h.test\\x",
  ]);
  assert.equal(urls["WS://H.TEST/Path"], "ws://h.test/Path");
  assert.equal(urls["wss://h.test:443/"], "wss://h.test/");
  assert.deepEqual(urls["ws://h.test:65536/"], syntaxError);
});

test("Member URL: hosts are parsed as by WebSocket: names beyond ASCII, IPv4, IPv6", async (t) => {
  const page = await openProbe(t);
  const urls = await sameUrls(page, [
    "ws://ü.test/",
    "ws://xn--tda.test/",
    "ws://faß.test/",
    "ws://日本.test/",
    "ws://h%61.test/",
    "ws://h%20.test/",
    "ws://h test/",
    "ws://a%23b.test",
    "ws://a^b.test/",
    "ws://h..test/",
    "ws://h.test./",
    "ws://-.test/",
    "ws://xn--a/",
    "ws://[::1]:1234/",
    "ws://[::FFFF:127.0.0.1]/",
    "ws://[::1",
    "ws://[::g]/",
    "ws://127.1/",
    "ws://0x7f.0.0.1/",
    "ws://2130706433/",
    "ws://256.256.256.256/",
    "ws://127.0.0.0x",
    "ws://",
    "ws:",
    "ws:///",
    "wss://?",
  ]);
  assert.equal(urls["ws://ü.test/"], "ws://xn--tda.test/");
  assert.equal(urls["ws://127.1/"], "ws://127.0.0.1/");
  assert.deepEqual(urls["ws://[::1"], syntaxError);
});

test("Member URL: http: and https: become ws: and wss:, and other schemes throw SyntaxError", async (t) => {
  const page = await openProbe(t);
  const urls = await sameUrls(page, [
    "http://h.test/",
    "https://h.test/",
    "HTTP://h.test",
    "http://h.test:80",
    "http://h.test:443",
    "https://h.test:443/",
    "https://h.test:80/",
    "ftp://h.test/",
    "file:///x",
    "data:text/plain,x",
    "blob:http://h.test/1",
    "javascript:1",
    "about:blank",
    "mailto:a@b.test",
    "wss+x://h.test",
    "xws://h.test/",
  ]);
  assert.equal(urls["http://h.test/"], "ws://h.test/");
  assert.equal(urls["https://h.test:80/"], "wss://h.test:80/");
  assert.deepEqual(urls["javascript:1"], syntaxError);
});

test("Member URL: a relative one is resolved against the page, or its base element", async (t) => {
  const page = await openProbe(t, "/folder/page.html?page=1#top");
  const relative = [
    "",
    ".",
    "x",
    "../up",
    "/absolute",
    "?query",
    "//h.test/x",
    "/a:b",
    "a:b",
    "\\x",
  ];
  const urls = await sameUrls(page, relative);
  assert.equal(urls["?query"], page.server.url("/folder/page.html?query"));
  assert.equal(urls["../up"], page.server.url("/up"));
  await page.evaluate(() => {
    const base = document.createElement("base");
    base.href = "https://base.test/deep/er/";
    document.head.append(base);
  });
  const rebased = await sameUrls(page, relative);
  assert.equal(rebased["../up"], "wss://base.test/deep/up");
});

test("Member URL: a fragment is treated as WebSocket treats it", async (t) => {
  const page = await openProbe(t);
  const urls = await sameUrls(page, ["ws://h.test/#", "ws://h.test/#x", "#x", "#", "/x?y#z"]);
  assert.deepEqual(Object.values(urls), Array(5).fill(syntaxError));
});

test("Member URL: credentials are treated as WebSocket treats them", async (t) => {
  const page = await openProbe(t);
  const urls = await sameUrls(page, [
    "ws://user:secret@h.test/",
    "ws://user@h.test/",
    "ws://@h.test/",
    "ws://:@h.test/",
    "http://user:secret@h.test/",
  ]);
  assert.deepEqual(Object.values(urls), [
    "ws://user:secret@h.test/",
    "ws://user@h.test/",
    "ws://h.test/",
    "ws://h.test/",
    "ws://user:secret@h.test/",
  ]);
});

test("Member URL: ports that the browser blocks throw, or fail, as with WebSocket", async (t) => {
  const page = await openProbe(t);
  const urls = [1, 22, 25, 6000, 6667].map((port) => `ws://127.0.0.1:${port}/`);
  const answers = await sameAnswers(
    page,
    ({ make, answer, recorded, next }, urls) =>
      Promise.all(
        urls.map(async (url) => {
          const socket = answer(() => make(url));
          if ("throws" in socket) return socket;
          const events = recorded(socket);
          await next(socket, "close");
          return events.map(({ type, code }) => code ?? type);
        }),
      ),
    urls,
  );
  assert.deepEqual(answers, Array(urls.length).fill(["error", 1006]));
});

test("Member URL: http: and relative ones connect", async (t) => {
  const page = await openProbe(t);
  const origin = `http://127.0.0.1:${page.server.port}`;
  const given = [`${origin}/from-http`, "/from-the-root", "beside", "?query"];
  await sameAnswers(
    page,
    async ({ opened, ended }, urls) => {
      const answers = [];
      for (const url of urls) {
        const socket = await opened(url);
        answers.push(socket.url);
        await ended(socket);
      }
      return answers;
    },
    given,
  );
  const paths = page.server.handshakes.map(({ path }) => path);
  const wanted = ["/from-http", "/from-the-root", "/folder/beside", "/folder/page.html?query"];
  assert.deepEqual(paths, [...wanted, ...wanted]);
});

test("Member URL: a relative one in a worker is resolved against the worker's own URL", async (t) => {
  const page = await openProbe(t);
  const worker = `
    const { probe } = await import("${page.server.url("/probe.js").replace("ws:", "http:")}");
    const urls = ["", "x", "/y", "?z", "ws://h.test"];
    const answersOf = ${urlsOf};
    postMessage(["WebSocket", "SteadySocket"].map((name) => answersOf(probe(name), urls)));
  `;
  page.files["/workers/worker.js"] = worker;
  const run = (kind) =>
    page.evaluate(
      async ([kind, text]) => {
        const blob = new Blob([text], { type: "text/javascript" });
        const url = kind === "blob" ? URL.createObjectURL(blob) : "/workers/worker.js";
        const worker = new Worker(url, { type: "module" });
        return new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        });
      },
      [kind, worker],
    );
  const [native, ours] = await run("script");
  assert.deepEqual(ours, native);
  assert.deepEqual(native[1], ["x", page.server.url("/workers/x")]);
  const [nativeInBlob, oursInBlob] = await run("blob");
  assert.deepEqual(oursInBlob, nativeInBlob);
  assert.deepEqual(nativeInBlob[1], ["x", syntaxError]);
});

test("Member URL: on an https: page, ws: throws SecurityError and relative ones become wss:", async (t) => {
  const { files } = await openProbe(t);
  const page = await chromium.open(t);
  page.expected.push(/Mixed Content/, failedConnection);
  await gotoSecure(page, files);
  const urls = await sameUrls(page, [
    "ws://h.test/",
    "http://h.test/",
    "ws://127.0.0.1:1/",
    "ws://localhost:1/",
    "wss://h.test/",
    "x",
    "ws://[",
  ]);
  assert.deepEqual(urls["ws://h.test/"], { throws: "SecurityError", kind: "DOMException" });
  assert.equal(urls.x, "wss://secure.test/x");
});

/** Connects with each of these subprotocols: the exception, or the one that was selected. */
async function subprotocolsOf({ make, answer, next, ended }, [url, given]) {
  const answers = [];
  for (const protocols of given) {
    const socket = answer(() => make(url, protocols));
    if ("throws" in socket) {
      answers.push([protocols, socket]);
      continue;
    }
    await next(socket, "open");
    answers.push([protocols, socket.protocol]);
    await ended(socket);
  }
  return answers;
}

test("Member subprotocols: a string or a list is offered, and the selected one is reported", async (t) => {
  const page = await openProbe(t);
  const given = [
    "a",
    ["a"],
    ["b", "a"],
    [],
    ["a", "A"],
    "!#$%&'*+-.^_`|~09azAZ",
    [1, true],
    [null],
    7,
  ];
  const answers = await sameAnswers(page, subprotocolsOf, [page.server.url("/echo"), given]);
  assert.deepEqual(
    answers.map(([, protocol]) => protocol),
    ["a", "a", "b", "", "a", "!#$%&'*+-.^_`|~09azAZ", "1", "null", "7"],
  );
  const offers = page.server.handshakes.map(({ protocols }) => protocols);
  assert.deepEqual(offers.slice(0, given.length), offers.slice(given.length));
});

test("Member subprotocols: an invalid token, an empty string or a duplicate throws SyntaxError", async (t) => {
  const page = await openProbe(t);
  const separators = [...'()<>@,;:\\"/[]?={} \t\u0000\u007f\u0080ä€\ud83d'];
  const given = ["", [""], ["a", ""], ["a", "a"], ["a", "b", "a"], "a, b", " a", "a ", "a\r\nb"];
  given.push(...separators.map((separator) => `a${separator}b`), ["fine", "no good"]);
  const answers = await sameAnswers(page, subprotocolsOf, [page.server.url("/echo"), given]);
  assert.deepEqual(
    answers.map(([, answer]) => answer),
    given.map(() => syntaxError),
  );
});

test("Member subprotocols: any iterable is read as a list, and an error during that is thrown", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ make, answer, next, ended }, url) => {
      const broken = {
        [Symbol.iterator]() {
          throw new RangeError("broken");
        },
      };
      const lists = [
        new Set(["a", "b"]),
        (function* () {
          yield "g";
        })(),
        new String("xyz"),
        { toString: () => "named" },
        { [Symbol.iterator]: null, toString: () => "null-iterator" },
      ];
      const picked = [];
      for (const protocols of lists) {
        const socket = answer(() => make(url, protocols));
        if ("throws" in socket) {
          picked.push(socket);
          continue;
        }
        await next(socket, "open");
        picked.push(socket.protocol);
        await ended(socket);
      }
      const attempt = (protocols) => answer(() => void make(url, protocols).close());
      const refused = [
        broken,
        {},
        { 0: "a", length: 1 },
        Symbol("a"),
        [Symbol("a")],
        ["a", {}],
        { [Symbol.iterator]: 1 },
      ];
      return { picked, refused: refused.map(attempt) };
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers.picked, ["a", "g", "x", "named", "null-iterator"]);
  assert.deepEqual(answers.refused[0], { throws: "RangeError", kind: "RangeError" });
});

test("Member subprotocols: undefined offers none", async (t) => {
  const page = await openProbe(t);
  const protocol = await sameAnswers(
    page,
    async ({ opened, ended }, url) => {
      const socket = await opened(url, undefined);
      const { protocol } = socket;
      await ended(socket);
      return protocol;
    },
    page.server.url("/echo"),
  );
  assert.equal(protocol, "");
  assert.deepEqual(
    page.server.handshakes.map(({ protocols }) => protocols),
    [[], []],
  );
});

test("Member subprotocols: a selection that was not offered, or none, fails the connection", async (t) => {
  const page = await openProbe(t);
  // The handshake by hand: no server library sends such a response.
  const accept = (request, socket, protocol) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${createHash("sha1").update(key).digest("base64")}\r\n` +
        `${protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`,
    );
  };
  let picked;
  page.server.answer = (request) => {
    accept(request, request.socket, picked);
    return "hang";
  };
  const attempt = ({ make, next, recorded }, [url, protocols]) =>
    new Promise((resolve) => {
      const socket = make(url, protocols);
      const events = recorded(socket);
      const answer = () => resolve(events.map(({ type, code }) => code ?? type));
      for (const type of ["open", "close"]) next(socket, type).then(answer);
    });
  const failed = ["error", 1006];
  for (const [offered, answer, wanted] of [
    [["a"], "b", failed],
    [["a"], undefined, failed],
    [[], "a", failed],
    [["a", "b"], "b", ["open"]],
  ]) {
    picked = answer;
    const events = await sameAnswers(page, attempt, [page.server.url("/"), offered]);
    assert.deepEqual(events, wanted);
  }
});
