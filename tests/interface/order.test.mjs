// The order of events, tasks, microtasks and calls of the socket, compared with the browser's own
// WebSocket.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bothAnswers, openProbe, sameAnswers } from "./probe.mjs";

const times = (length, make) => Array.from({ length }, (_, i) => make(i));

test("Member onmessage: one set in onopen, or after a promise settled by open, misses no message", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ make, next, ended }, url) => {
      const got = [];
      for (const turns of ["handler", 0, 1, 5]) {
        const socket = make(url);
        const received = new Promise((resolve) => {
          const texts = [];
          const listen = () => {
            socket.onmessage = ({ data }) => {
              if (texts.push(data) === 3) resolve(texts);
            };
          };
          if (turns === "handler") {
            socket.onopen = listen;
          } else {
            next(socket, "open").then(async () => {
              for (let i = 0; i < turns; ++i) await null;
              listen();
            });
          }
        });
        got.push(await received);
        await ended(socket);
      }
      return got;
    },
    page.server.url("/say?text=1&text=2&text=3"),
  );
  assert.deepEqual(got, Array(4).fill(["1", "2", "3"]));
});

test("Member onmessage: listeners added after open and before the next task miss no message", async (t) => {
  const page = await openProbe(t);
  // In one packet with the handshake's answer.
  page.server.greet = (connection, request) => {
    request.socket.cork();
    for (const text of ["a", "b"]) connection.send(text);
    request.socket.uncork();
  };
  const got = await sameAnswers(
    page,
    async ({ make, next, messages, ended }, url) => {
      const socket = make(url);
      await next(socket, "open");
      const got = await messages(socket, 2);
      await ended(socket);
      return got;
    },
    page.server.url("/"),
  );
  assert.deepEqual(got, ["a", "b"]);
});

test("Member onmessage: no message is dispatched after close(), even if it was received before", async (t) => {
  const page = await openProbe(t);
  const texts = times(20, (i) => `text=${i}`).join("&");
  const got = await sameAnswers(
    page,
    async ({ make, recorded, next, task }, url) => {
      const got = [];
      for (const last of ["0", "7"]) {
        const socket = make(url);
        const events = recorded(socket);
        socket.addEventListener("message", ({ data }) => {
          if (data === last) socket.close();
        });
        await next(socket, "close");
        await task();
        got.push(events.map(({ type, data }) => data ?? type));
      }
      return got;
    },
    page.server.url(`/say?${texts}`),
  );
  assert.deepEqual(got, [
    ["open", "0", "close"],
    ["open", ...times(8, String), "close"],
  ]);
});

test("Member onclose: messages received before the close are dispatched before it, none after it", async (t) => {
  const page = await openProbe(t);
  const texts = times(50, (i) => `text=${i}`).join("&");
  const got = await sameAnswers(
    page,
    async ({ make, recorded, next, task }, url) => {
      const socket = make(url);
      const events = recorded(socket);
      await next(socket, "close");
      await task();
      return events.map(({ type, data, readyState }) => [data ?? type, readyState]);
    },
    page.server.url(`/close?code=1000&${texts}`),
  );
  assert.deepEqual(got, [["open", 1], ...times(50, (i) => [String(i), 1]), ["close", 3]]);
});

test("Member onclose: when the server closes, readyState is 3 at the event, and 1 before it", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ make, next }, url) => {
      const socket = make(url);
      const seen = [];
      for (const type of ["message", "close"]) {
        socket.addEventListener(type, () => seen.push([type, socket.readyState]));
      }
      await next(socket, "close");
      seen.push(["after", socket.readyState]);
      return seen;
    },
    page.server.url("/close?code=1000&text=bye"),
  );
  assert.deepEqual(got, [
    ["message", 1],
    ["close", 3],
    ["after", 3],
  ]);
});

test("Member EventTarget: no event is dispatched from inside the constructor, send or close", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ make, next, task }, url) => {
      let inside = "";
      const log = [];
      const during = (name, action) => {
        inside = name;
        const result = action();
        inside = "";
        return result;
      };
      const socket = during("constructor", () => make(url));
      for (const type of ["open", "message", "error", "close"]) {
        socket.addEventListener(type, () => log.push([type, inside]));
      }
      await next(socket, "open");
      during("send", () => socket.send("x"));
      await next(socket, "message");
      const closed = next(socket, "close");
      during("close", () => socket.close());
      during("send while closing", () => socket.send("x"));
      await closed;
      during("send when closed", () => socket.send("x"));
      during("close when closed", () => socket.close());
      const failing = make(url);
      failing.onerror = () => log.push(["error", inside]);
      during("close while connecting", () => failing.close());
      await next(failing, "close");
      await task();
      return log;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(got, [
    ["open", ""],
    ["message", ""],
    ["close", ""],
    ["error", ""],
  ]);
});

test("Member EventTarget: promises settled by an event continue before the next event is dispatched", async (t) => {
  const page = await openProbe(t);
  const texts = times(5, (i) => `text=${i}`).join("&");
  const got = await sameAnswers(
    page,
    async ({ make, next }, url) => {
      const socket = make(url);
      const seen = [];
      const note = (text) => async () => {
        seen.push(text);
        for (let i = 0; i < 5; ++i) await null;
        seen.push(`after ${text}`);
      };
      socket.onopen = note("open");
      socket.onmessage = ({ data }) => note(data)();
      socket.onclose = note("close");
      await next(socket, "close");
      for (let i = 0; i < 9; ++i) await null;
      return seen;
    },
    page.server.url(`/close?code=1000&${texts}`),
  );
  const all = ["open", ...times(5, String), "close"];
  assert.deepEqual(
    got,
    all.flatMap((one) => [one, `after ${one}`]),
  );
});

test("Member EventTarget, difference: promises continue after all listeners of an event, not between two", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ make, next, task, ended }, url) => {
      const socket = make(url);
      const seen = [];
      for (const name of ["first", "second"]) {
        socket.addEventListener("message", () => {
          seen.push(name);
          Promise.resolve().then(() => seen.push(`after ${name}`));
        });
      }
      await next(socket, "message");
      await task();
      await ended(socket);
      return seen;
    },
    page.server.url("/say?text=x"),
  );
  assert.deepEqual(native, ["first", "after first", "second", "after second"]);
  assert.deepEqual(ours, ["first", "second", "after first", "after second"]);
});

test("Member EventTarget: each of several sockets dispatches its own events, in its own order", async (t) => {
  const page = await openProbe(t);
  const got = await sameAnswers(
    page,
    async ({ make, recorded, next, messages }, [url, refused]) => {
      const sockets = Array.from({ length: 8 }, (_, i) => make(`${url}?${i}`));
      const failing = make(refused);
      const failed = recorded(failing);
      const all = sockets.map((socket) => recorded(socket));
      const failure = next(failing, "close");
      const done = sockets.map(async (socket, i) => {
        const echoed = messages(socket, 10);
        await next(socket, "open");
        for (let n = 0; n < 10; ++n) socket.send(`${i} ${n}`);
        await echoed;
        socket.close(4000 + i);
        await next(socket, "close");
      });
      await Promise.all([...done, failure]);
      return [
        all.map((events) => events.map(({ type, data, code }) => data ?? code ?? type)),
        failed,
      ];
    },
    [page.server.url("/echo"), "ws://127.0.0.1:9/"],
  );
  got[0].forEach((events, i) => {
    assert.deepEqual(events, ["open", ...times(10, (n) => `${i} ${n}`), 4000 + i]);
  });
});

test("Member EventTarget, difference: every failed attempt dispatches error and close", async (t) => {
  const page = await openProbe(t);
  let attempts = 0;
  page.server.answer = () => (++attempts < 4 ? 503 : undefined);
  const { native, ours } = await bothAnswers(
    page,
    async ({ Socket, isNative, next, recorded }, url) => {
      const options = { reconnect: { initialDelay: 10, maxDelay: 10 } };
      const socket = isNative ? new Socket(url) : new Socket(url, [], options);
      const events = recorded(socket);
      await next(socket, isNative ? "close" : "open");
      const seen = events.map(({ type, code, readyState }) => [type, code ?? 0, readyState]);
      socket.close();
      return seen;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(native, [
    ["error", 0, 3],
    ["close", 1006, 3],
  ]);
  assert.deepEqual(ours, [
    ["error", 0, 0],
    ["close", 1006, 0],
    ["error", 0, 0],
    ["close", 1006, 0],
    ["open", 0, 1],
  ]);
});
