// The chat across restarts, with the package as the client.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { openSocket } from "../../../../tests/support/sockets.mjs";
import { once, within } from "../../../../tests/support/until.mjs";
import { Bot, botScript } from "../support/bot.mjs";
import { ChatClient } from "../support/client.mjs";
import { ChatServer, spawnNode } from "../support/server.mjs";

const plenty = { CHAT_RATE: "100000", CHAT_BURST: "100000" };

test("a bot at 100 a second while the server is killed twice: every line once, in order", async (t) => {
  const server = await ChatServer.start(t, plenty);
  const key = "the key of a witness";
  const { position: since } = (await ChatClient.join(t, server, "Witness", { key })).welcome;
  const bot = Bot.start(t, server, "--rate", "100");
  const accepted = new Promise((resolve) => {
    bot.lines.on("line", (line) => {
      const match = /(\d+) said, (\d+) accepted, 0 waiting/.exec(line);
      if (match !== null && Number(match[1]) === Number(match[2])) resolve(Number(match[1]));
    });
  });
  const receiveSome = async () => {
    const reader = await ChatClient.join(t, server, "Witness", { key });
    await reader.receivesTexts(20);
  };
  for (let kill = 0; kill < 2; ++kill) {
    await receiveSome();
    await server.kill();
    await server.restart();
  }
  await receiveSome();
  bot.child.kill("SIGINT");
  const [code] = await once(bot.child, "exit");
  assert.equal(code, 0);
  const count = await within(accepted, "the end of the bot's report");
  assert.ok(count > 60, `${count} lines`);
  const witness = await ChatClient.join(t, server, "Witness", { key, since });
  await witness.receivesTexts(count);
  assert.deepEqual(
    witness.texts,
    Array.from({ length: count }, (_, index) => `line ${index + 1}`),
  );
});

test("a bot whose name is in use takes the proposed one", async (t) => {
  const server = await ChatServer.start(t);
  const reader = await ChatClient.join(t, server, "Bot");
  const bot = Bot.start(t, server, "--rate", "50");
  const { from } = await reader.receivesText("line 1");
  assert.equal(from.userName, "Bot 2");
  bot.child.kill("SIGINT");
  assert.deepEqual(await once(bot.child, "exit"), [0, null]);
  assert.equal((await reader.receives("user-leave")).user.userName, "Bot 2");
});

test("invalid arguments of the bot are reported", async (t) => {
  const child = spawnNode(botScript, ["--rate", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, "close");
  assert.equal(code, 1);
  assert.match(errors, /^bot: --rate must be a number above 0, not "0"\n {2}npm run bot/);
});

test("across kills and stops, every request of a page is published once and received once", async (t) => {
  const server = await ChatServer.start(t, plenty);
  const people = ["Ann", "Bob"].map((userName) => {
    const seen = [];
    let since;
    const socket = openSocket(t, `ws://127.0.0.1:${server.port}/chat`, {
      WebSocket,
      firstMessage: () => ({ type: "join", userName, key: `the secret key of ${userName}`, since }),
    });
    socket.on("*", (message) => {
      if (message.position !== undefined && message.type !== "accepted") since = message.position;
      if (message.type === "chat-message") seen.push(message.message);
      if (message.type === "welcome") {
        assert.ok(!message.missed);
        for (const { message: text } of message.history ?? []) seen.push(text);
      }
    });
    return { socket, seen };
  });
  const [ann, bob] = people;
  const requests = [];
  let said = 0;
  const talk = setInterval(() => {
    said += 1;
    const message = `${said}`;
    requests.push(
      ann.socket.request({ type: "chat-message", message }, { retry: true, timeout: 100_000 }),
    );
  }, 5);
  t.after(() => clearInterval(talk));
  for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"]) {
    const before = bob.seen.length;
    while (bob.seen.length < before + 20) await bob.socket.next("chat-message");
    await server.kill(signal);
    await server.restart();
  }
  clearInterval(talk);
  const accepted = await Promise.all(requests);
  assert.ok(accepted.every(({ type }) => type === "accepted"));
  const last = `${said}`;
  for (const { socket, seen } of people) {
    while (!seen.includes(last)) await socket.next("chat-message");
    assert.deepEqual(
      seen,
      Array.from({ length: said }, (_, index) => `${index + 1}`),
    );
  }
});
