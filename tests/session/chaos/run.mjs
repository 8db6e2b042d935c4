// One run: a server in its own process, proxies that break its connections, and a client.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";
import { makeFolder } from "../../support/browsers/cleanup.mjs";
import { SteadySocket } from "../../support/package.mjs";
import { seeded } from "../../support/random.mjs";
import { ServerProcess } from "../../support/server-process.mjs";
import { within } from "../../support/until.mjs";
import { ChaosProxy } from "../support/chaos-proxy.mjs";
import { start } from "./client.mjs";

/** Milliseconds after which a run counts as hanging. */
const limit = 60_000;

/** The client in this process: see browser-client.mjs. */
export const nodeClient = {
  name: `Node ${process.versions.node.split(".", 1)[0]}`,
  async begin(t, config) {
    const running = start(SteadySocket, config, WebSocket);
    t.after(() => running.stop());
    return running;
  },
};

/**
 * Breaks connections until `kills` is reached, then waits until everything is delivered.
 * @param client - `begin(t, config)` resolves to the result of `start`, with methods that may be
 * async.
 * @param options.mode - The server's mode: see server.mjs.
 * @param options.restarts - The number of times that the server is killed and restarted.
 */
export async function run(t, client, { mode, kills, restarts = 0, sockets = 4, seed, life = 120 }) {
  const folder = makeFolder("chaos");
  const script = new URL("./server.mjs", import.meta.url);
  const server = await ServerProcess.start(t, script, folder, mode);
  const random = seeded(seed);
  const names = Array.from({ length: sockets }, (_, at) => `c${at}`);
  const proxies = await Promise.all(
    names.map(() => ChaosProxy.start(t, server.port, random, life)),
  );
  const killed = () => proxies.reduce((sum, proxy) => sum + proxy.kills, 0);
  const began = performance.now();
  const running = await client.begin(t, {
    urls: proxies.map(({ port }, at) => `ws://127.0.0.1:${port}/?name=${names[at]}`),
    seed,
    isPlain: mode === "plain",
  });
  const describe = async () => JSON.stringify(await running.describe());
  try {
    // A session in a store begins with the answer to its hello, so wait for that before a kill.
    await within(running.begun(), "the sessions", undefined, limit);
    for (let done = 0; killed() < kills || done < restarts; ) {
      await wait(5);
      if (performance.now() - began > limit) throw new Error("too few connections to break");
      if (killed() < (kills * (done + 1)) / (restarts + 1) || done === restarts) continue;
      ++done;
      await server.kill();
      await server.restart();
    }
    for (const proxy of proxies) proxy.calm();
    const reports = await within(running.finish(), "the last message", undefined, limit);
    const read = (name) =>
      readFileSync(join(folder, name), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    const [effects, sent] = [read("effects"), read("sent")];
    const of = (lines, name) => lines.filter((line) => line[0] === name);
    const journals = mode === "store" ? storedMessages(read("store"), effects) : undefined;
    const all = names.map((name, at) => ({
      ...reports[at],
      handled: of(effects, name).flatMap(([, numbers]) => numbers),
      sentByServer:
        journals?.get(name) ??
        of(sent, name)
          .filter((line) => line.length === 2)
          .map((line) => line[1]),
      undelivered: of(sent, name)
        .filter((line) => line.length === 3)
        .map((line) => line[1]),
    }));
    return {
      client: client.name,
      mode,
      restarts,
      kills: killed() + restarts * sockets,
      seconds: (performance.now() - began) / 1_000,
      counts: proxies.map(({ counts }) => counts),
      clients: all,
      ...totals(all, mode),
    };
  } catch (error) {
    error.message += `; ${killed()} killed; ${await describe().catch(String)}`;
    throw error;
  } finally {
    await server.kill();
  }
}

/** The messages that a store has accepted for each client: the ones sent to it. */
function storedMessages(changes, effects) {
  const names = new Map(effects.map(([name, , id]) => [id, name]));
  const messages = new Map();
  for (const [call, id, , message] of changes) {
    if (call !== "append" || message.data === "last") continue;
    const name = names.get(id);
    messages.set(name, [...(messages.get(name) ?? []), message.data]);
  }
  return messages;
}

/** The count of numbers that are lower than their predecessor. */
const disorder = (numbers) => numbers.filter((number, at) => number < numbers[at - 1]).length;
const repeated = (values) => values.length - new Set(values).size;

/**
 * Counts the messages that were lost without a report, reported instead of handled (except volatile
 * ones, which are never resent), handled twice and handled out of order, in both directions.
 */
function totals(clients, mode) {
  const sum = {
    up: 0,
    down: 0,
    lost: 0,
    reported: 0,
    twice: 0,
    disordered: 0,
    falselyDelivered: 0,
  };
  for (const one of clients) {
    const handled = new Set(one.handled);
    const dropped = new Set(one.dropped.map(([number]) => number));
    const received = new Set(one.received);
    const volatile = new Set(one.volatile);
    sum.up += one.sent;
    sum.down += one.sentByServer.length;
    for (let number = 0; number < one.sent; ++number) {
      if (handled.has(number)) continue;
      if (!dropped.has(number)) ++sum.lost;
      else if (!volatile.has(number)) ++sum.reported;
    }
    const isLost = lossesOf(one, received, mode);
    for (const text of one.sentByServer) {
      if (!received.has(text)) ++sum[isLost(text) ? "lost" : "reported"];
    }
    sum.twice += repeated(one.handled) + repeated(one.received);
    sum.disordered += disorder(one.handled) + disorder(one.received.map(orderOf));
    sum.falselyDelivered += one.delivered.filter((number) => !handled.has(number)).length;
  }
  return sum;
}

/** A sort key for a server's messages: higher after each restart. */
function orderOf(text) {
  const [life, number] = text.split(":").map(Number);
  return life * 100_000 + number;
}

/**
 * Returns a predicate: whether a message that the client has not received was lost without a
 * report. A killed server reports nothing, but the client is notified that its session was lost:
 * then only the last messages of that life of the server may be missing.
 */
function lossesOf({ undelivered, states, sentByServer }, received, mode) {
  const reported = new Set(undelivered);
  const lives = sentByServer.map((text) => text.split(":")[0]);
  const newest = lives.at(-1);
  const isReported = (text) => {
    const [life, number] = text.split(":");
    if (mode !== "memory" || life === newest || !states.lost) return false;
    return !sentByServer.some(
      (later) =>
        later.startsWith(`${life}:`) &&
        Number(later.split(":")[1]) > Number(number) &&
        received.has(later),
    );
  };
  return (text) => !reported.has(text) && !isReported(text);
}
