// Events and their listeners, compared with the browser's own WebSocket
// (https://websockets.spec.whatwg.org/#feedback-from-the-protocol,
// https://dom.spec.whatwg.org/#events).
import assert from "node:assert/strict";
import { test } from "node:test";
import { bothAnswers, openProbe, sameAnswers } from "./probe.mjs";

const types = ["open", "message", "error", "close"];

test("Member EventTarget: a socket is one, and its events have the same members as WebSocket's", async (t) => {
  const page = await openProbe(t);
  const events = await sameAnswers(
    page,
    async ({ make, recorded, next, ended }, url) => {
      const socket = make(url);
      const events = recorded(socket);
      for (let i = 0; i < 3; ++i) await next(socket, "message");
      await ended(socket);
      return [socket instanceof EventTarget, ...events];
    },
    page.server.url("/say?text=one&text=&text=three"),
  );
  assert.equal(events.shift(), true);
  assert.deepEqual(
    events.map(({ type, kind, data }) => [type, kind, data ?? null]),
    [
      ["open", "Event", null],
      ["message", "MessageEvent", "one"],
      ["message", "MessageEvent", ""],
      ["message", "MessageEvent", "three"],
      ["close", "CloseEvent", null],
    ],
  );
});

test("Member EventTarget: a refused connection dispatches error and close, as WebSocket does", async (t) => {
  const page = await openProbe(t);
  const script = async ({ make, recorded, next }, url) => {
    const socket = make(url);
    const events = recorded(socket);
    await next(socket, "close");
    return events;
  };
  for (const answer of [401, 200, 301, 503]) {
    page.server.answer = () => answer;
    const events = await sameAnswers(page, script, page.server.url("/"));
    assert.deepEqual(
      events.map(({ type, kind, code }) => [type, kind, code ?? null]),
      [
        ["error", "Event", null],
        ["close", "CloseEvent", 1006],
      ],
    );
  }
});

test("Member EventTarget, difference: isTrusted is false, since a script dispatches the events", async (t) => {
  const page = await openProbe(t);
  const { native, ours } = await bothAnswers(
    page,
    async ({ opened, next }, url) => {
      const socket = await opened(url);
      const closed = next(socket, "close");
      const answered = next(socket, "message");
      socket.send("hello");
      const events = [await answered];
      socket.close();
      events.push(await closed);
      return events.map(({ isTrusted }) => isTrusted);
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(native, [true, true]);
  assert.deepEqual(ours, [false, false]);
});

test("Member EventTarget, difference: the error event has a code, and there are statechange and drop", async (t) => {
  const page = await openProbe(t);
  page.server.answer = () => 503;
  const { native, ours } = await bothAnswers(
    page,
    async ({ make, next }, url) => {
      const socket = make(url);
      const states = [];
      socket.addEventListener("statechange", ({ state }) => states.push(state));
      const failed = next(socket, "error");
      await next(socket, "close");
      const { code, message } = await failed;
      return [code ?? "", typeof message, states];
    },
    page.server.url("/"),
  );
  assert.deepEqual(native, ["", "undefined", []]);
  assert.deepEqual(ours, ["connection_failed", "string", ["connecting", "closed"]]);
});

test("Member EventTarget: once, signal, capture, handleEvent, null and duplicates work as usual", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, messages, ended, answer }, url) => {
      const socket = await opened(url);
      const log = [];
      const on = (name, options) =>
        socket.addEventListener("message", () => log.push(name), options);
      const twice = () => log.push("twice");
      const object = {
        name: "object",
        handleEvent(event) {
          log.push([this.name, event.type]);
        },
      };
      const abort = new AbortController();
      on("plain");
      on("once", { once: true });
      on("captured", { capture: true });
      on("captured too", true);
      on("passive", { passive: true });
      on("until aborted", { signal: abort.signal });
      on("already aborted", { signal: AbortSignal.abort() });
      socket.addEventListener("message", twice);
      socket.addEventListener("message", twice, { once: true });
      socket.addEventListener("message", twice, true);
      socket.addEventListener("message", object);
      socket.addEventListener("message", object);
      socket.addEventListener("message", {});
      log.push(
        answer(() => socket.addEventListener("message", null)) ?? "null is fine",
        answer(() => socket.addEventListener("message", undefined)) ?? "undefined is fine",
        answer(() => socket.addEventListener("message", "text")) ?? "a string is fine",
        answer(() => socket.addEventListener("message")) ?? "nothing is fine",
        answer(() => socket.addEventListener()) ?? "nothing at all is fine",
        answer(() => socket.addEventListener("message", twice, { signal: null })) ?? "fine",
        answer(() => socket.removeEventListener("message", null)) ?? "null can be removed",
      );
      const errors = [];
      window.onerror = (message) => {
        errors.push(typeof message);
        return true;
      };
      const echoed = messages(socket, 2);
      socket.send("1");
      socket.send("2");
      socket.addEventListener("message", ({ data }) => {
        if (data === "1") abort.abort();
        log.push(data);
      });
      await echoed;
      socket.removeEventListener("message", twice);
      socket.removeEventListener("message", twice, { capture: true });
      socket.removeEventListener("message", object);
      const third = messages(socket, 1);
      socket.send("3");
      await third;
      await ended(socket);
      return [log, errors];
    },
    page.server.url("/echo"),
  );
  const [calls, errors] = log;
  assert.deepEqual(errors, []);
  assert.deepEqual(calls.slice(7, 17), [
    "plain",
    "once",
    "captured",
    "captured too",
    "passive",
    "until aborted",
    "twice",
    "twice",
    ["object", "message"],
    "1",
  ]);
  assert.deepEqual(calls.slice(-5), ["plain", "captured", "captured too", "passive", "3"]);
});

test("Member EventTarget: handlers can be added, removed and stopped during dispatch", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, ended, task }, url) => {
      const socket = await opened(url);
      const log = [];
      const removed = () => log.push("removed");
      let begin;
      socket.addEventListener("message", () => begin());
      socket.addEventListener("message", (event) => {
        log.push(`first ${event.data}`);
        socket.removeEventListener("message", removed);
        socket.addEventListener("message", () => log.push(`added at ${event.data}`), {
          once: true,
        });
        if (event.data === "2") event.stopPropagation();
        if (event.data === "3") event.stopImmediatePropagation();
        event.preventDefault();
        log.push(event.defaultPrevented);
      });
      socket.addEventListener("message", removed);
      socket.addEventListener("message", ({ data }) => log.push(`last ${data}`));
      for (const text of ["1", "2", "3"]) {
        const count = log.length;
        const begun = new Promise((resolve) => {
          begin = resolve;
        });
        socket.send(text);
        await begun;
        await task();
        log.push(log.length - count);
      }
      await ended(socket);
      return log;
    },
    page.server.url("/echo"),
  );
  assert.ok(log.includes("first 3"));
  assert.ok(!log.includes("last 3"));
});

test("Member EventTarget: custom events can be dispatched, also during another dispatch", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, ended, answer, next, described, task }, url) => {
      const socket = await opened(url);
      const log = [];
      socket.onmessage = (event) => {
        const { type, kind, data } = described(event, socket);
        log.push([type, kind, data ?? null]);
      };
      socket.addEventListener("custom", (event) =>
        log.push([event.detail, event.target === socket]),
      );
      log.push(
        socket.dispatchEvent(new CustomEvent("custom", { detail: 1 })),
        socket.dispatchEvent(new MessageEvent("message", { data: "made" })),
        socket.dispatchEvent(new Event("message")),
        socket.readyState,
      );
      socket.onclose = () => log.push(["close", socket.readyState]);
      socket.dispatchEvent(new CloseEvent("close", { code: 1000 }));
      socket.addEventListener("cancel", (event) => event.preventDefault());
      log.push(socket.dispatchEvent(new Event("cancel", { cancelable: true })));
      const answered = next(socket, "message");
      socket.send("real");
      const event = await answered;
      // An event can be dispatched again only after its dispatch.
      await task();
      log.push(socket.dispatchEvent(event));
      log.push(answer(() => socket.dispatchEvent({ type: "message" })));
      socket.addEventListener("again", (event) => {
        log.push(answer(() => socket.dispatchEvent(event)));
      });
      socket.dispatchEvent(new Event("again"));
      await ended(socket);
      return log;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(log[0], [1, true]);
  const invalidState = { throws: "InvalidStateError", kind: "DOMException" };
  assert.deepEqual(log.slice(1), [
    ["message", "MessageEvent", "made"],
    ["message", "Event", null],
    ...[true, true, true, 1],
    ["close", 1],
    false,
    ["message", "MessageEvent", "real"],
    ["message", "MessageEvent", "real"],
    true,
    { throws: "TypeError", kind: "TypeError" },
    invalidState,
    ["close", 3],
  ]);
});

test("Member EventTarget: an error in a listener is reported, and the others are still called", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ opened, ended, next }, url) => {
      const reported = [];
      window.onerror = (_message, _source, _line, _column, error) => {
        reported.push(error?.message ?? String(error));
        return true;
      };
      const socket = await opened(url);
      const log = [];
      const fail = (what) => () => {
        log.push(what);
        throw new Error(what);
      };
      socket.onmessage = fail("onmessage");
      socket.addEventListener("message", fail("listener"));
      socket.addEventListener("message", {
        get handleEvent() {
          log.push("getter");
          throw new Error("getter");
        },
      });
      socket.addEventListener("message", () => log.push("last"));
      socket.addEventListener("close", fail("close"));
      for (const text of ["1", "2"]) {
        const answered = next(socket, "message");
        socket.send(text);
        await answered;
      }
      await ended(socket);
      return [log, reported, socket.readyState];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers[0].slice(0, 4), ["onmessage", "listener", "getter", "last"]);
  assert.deepEqual(answers[1].slice(0, 3), ["onmessage", "listener", "getter"]);
  assert.equal(answers[2], 3);
});

test("Member EventTarget: a rejected promise that a listener returns is reported as unhandled", async (t) => {
  const page = await openProbe(t);
  const answers = await sameAnswers(
    page,
    async ({ opened, ended, echo }, url) => {
      const reported = [];
      const rejected = new Promise((resolve) => {
        window.onunhandledrejection = (event) => {
          event.preventDefault();
          reported.push(event.reason.message);
          if (reported.length === 2) resolve();
        };
      });
      const socket = await opened(url);
      socket.onmessage = async () => {
        throw new Error("in onmessage");
      };
      socket.addEventListener("message", async () => {
        throw new Error("in a listener");
      });
      await echo(socket);
      await rejected;
      const state = socket.readyState;
      await ended(socket);
      return [reported, state];
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(answers, [["in onmessage", "in a listener"], 1]);
});

for (const type of types) {
  test(`Member on${type}: is null, keeps functions and objects, and turns other values into null`, async (t) => {
    const page = await openProbe(t);
    const answers = await sameAnswers(
      page,
      async ({ make, ended, answer }, [url, name]) => {
        const socket = make(url);
        const seen = [socket[name]];
        const object = { handleEvent() {} };
        const values = [() => {}, object, class A {}, [], new String("x"), new Proxy(() => {}, {})];
        values.push(null, undefined, 1, "text", true, 10n, Symbol("x"), Object.create(null));
        for (const value of values) {
          const refusal = answer(() => {
            socket[name] = value;
          });
          const kept = socket[name];
          seen.push(refusal ?? (kept === value ? "kept" : kept));
        }
        socket[name] = null;
        await ended(socket);
        return seen;
      },
      [page.server.url("/echo"), `on${type}`],
    );
    assert.deepEqual(answers.slice(0, 3), [null, "kept", "kept"]);
    assert.equal(answers[9], null);
  });
}

test("Member onmessage: an object is kept, and its handleEvent is not called, as in WebSocket", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, ended, echo }, url) => {
      const socket = await opened(url);
      const log = [];
      window.onerror = () => {
        log.push("error");
        return true;
      };
      socket.onmessage = { handleEvent: () => log.push("handleEvent") };
      socket.addEventListener("message", () => log.push("listener"));
      await echo(socket);
      await ended(socket);
      return log;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(log, ["listener"]);
});

test("Member onmessage: is called with the event, with the socket as this", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, ended, echo }, url) => {
      const socket = await opened(url);
      const log = [];
      socket.onmessage = function (...given) {
        log.push(this === socket, given.length, given[0] === window.event, given[0].data);
      };
      await echo(socket);
      await ended(socket);
      return log;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(log, [true, 1, true, "x"]);
});

test("Member onmessage: a replaced handler keeps its place; one set after null is called last", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, ended, next, echo }, url) => {
      const socket = await opened(url);
      const log = [];
      const round = async () => {
        const done = next(socket, "done");
        await echo(socket);
        log.push("|");
        socket.dispatchEvent(new Event("done"));
        await done;
      };
      const listen = (name) => socket.addEventListener("message", () => log.push(name));
      listen("a");
      socket.onmessage = () => log.push("first");
      listen("b");
      await round();
      socket.onmessage = () => log.push("second");
      await round();
      socket.onmessage = null;
      await round();
      socket.onmessage = () => log.push("third");
      listen("c");
      await round();
      socket.onmessage = "not a function";
      await round();
      socket.onmessage = {};
      listen("d");
      socket.onmessage = () => log.push("fourth");
      await round();
      await ended(socket);
      return log.join(" ");
    },
    page.server.url("/echo"),
  );
  assert.match(log, /^a first b \| a second b \| a b \|/);
});

test("Member onmessage: a handler that is changed during a dispatch takes effect as in WebSocket", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, ended, next }, url) => {
      const socket = await opened(url);
      const log = [];
      socket.addEventListener("message", ({ data }) => {
        log.push(`listener ${data}`);
        if (data === "1") socket.onmessage = () => log.push("replaced");
        if (data === "2") socket.onmessage = null;
        if (data === "3") socket.onmessage = () => log.push("set anew");
      });
      socket.onmessage = () => log.push("original");
      for (const text of ["1", "2", "3", "4"]) {
        const answered = next(socket, "message");
        socket.send(text);
        await answered;
      }
      await ended(socket);
      return log;
    },
    page.server.url("/echo"),
  );
  const listeners = ["listener 2", "listener 3", "listener 4"];
  assert.deepEqual(log, ["listener 1", "replaced", ...listeners, "set anew"]);
});

test("Member onmessage: the return value false prevents the default, and has no other effect", async (t) => {
  const page = await openProbe(t);
  const log = await sameAnswers(
    page,
    async ({ opened, ended }, url) => {
      const socket = await opened(url);
      const log = [];
      for (const value of [false, true, undefined, "x"]) {
        socket.onmessage = () => value;
        const event = new MessageEvent("message", { cancelable: true });
        log.push([socket.dispatchEvent(event), event.defaultPrevented]);
      }
      await ended(socket);
      return log;
    },
    page.server.url("/echo"),
  );
  assert.deepEqual(log, [[false, true], ...Array(3).fill([true, false])]);
});

test("Member onerror: is called with the event, and its return value means the same as elsewhere", async (t) => {
  const page = await openProbe(t);
  page.server.answer = () => 403;
  const log = await sameAnswers(
    page,
    async ({ make, next }, url) => {
      const socket = make(url);
      const log = [];
      socket.onerror = (...given) => {
        log.push(given.length, given[0] instanceof Event, given[0].type, given[0].cancelable);
        return true;
      };
      await next(socket, "close");
      const event = new Event("error", { cancelable: true });
      log.push(socket.dispatchEvent(event));
      return log;
    },
    page.server.url("/"),
  );
  assert.deepEqual(log.slice(0, 4), [1, true, "error", false]);
});

test("Member MessageEvent: data, origin, lastEventId, source and ports are those of WebSocket", async (t) => {
  const page = await openProbe(t);
  const members = await sameAnswers(
    page,
    async ({ opened, ended, next }, [url, hosts]) => {
      const seen = [];
      for (const host of hosts) {
        const socket = await opened(url.replace("127.0.0.1", host));
        for (const data of ["text", new Uint8Array([1])]) {
          const answered = next(socket, "message");
          socket.send(data);
          const event = await answered;
          const { origin, lastEventId, source, ports } = event;
          seen.push([
            Object.prototype.toString.call(event),
            Object.getPrototypeOf(event) === MessageEvent.prototype,
            Object.prototype.toString.call(event.data),
            origin.replace(/\d+$/, "port"),
            lastEventId,
            source,
            ports,
            Object.isFrozen(ports),
          ]);
        }
        await ended(socket);
      }
      return seen;
    },
    [page.server.url("/echo"), ["127.0.0.1", "LOCALHOST", "other.test"]],
  );
  assert.equal(members[0][3], "ws://127.0.0.1:port");
  assert.equal(members[2][3], "ws://localhost:port");
});

test("Member MessageEvent: for a relative URL, origin is that of the resolved one", async (t) => {
  const page = await openProbe(t);
  const origin = await sameAnswers(page, async ({ opened, ended, next }) => {
    const socket = await opened("/echo");
    const answered = next(socket, "message");
    socket.send("x");
    const { origin } = await answered;
    await ended(socket);
    return origin;
  });
  assert.equal(origin, page.server.url("").replace(/\/$/, ""));
});

test("Member CloseEvent: is a CloseEvent with code, reason and wasClean", async (t) => {
  const page = await openProbe(t);
  const seen = await sameAnswers(
    page,
    async ({ make, next }, url) => {
      const event = await next(make(url), "close");
      return [
        event instanceof CloseEvent,
        Object.prototype.toString.call(event),
        event.code,
        event.reason,
        event.wasClean,
        "code" in event && "reason" in event && "wasClean" in event,
      ];
    },
    page.server.url("/close?code=4000&reason=bye"),
  );
  assert.deepEqual(seen, [true, "[object CloseEvent]", 4000, "bye", true, true]);
});
