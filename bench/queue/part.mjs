// A queue of 100,000 messages of 60 bytes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median } from "../rounds.mjs";

const rounds = 5;
const child = fileURLToPath(new URL("child.mjs", import.meta.url));
const names = ["raw and an array", "steadysocket", "reconnecting-websocket", "partysocket"];

async function run(name) {
  const forked = fork(child, [name], { execArgv: ["--expose-gc"], timeout: 60_000 });
  const [answer] = await Promise.race([once(forked, "message"), once(forked, "exit")]);
  if (typeof answer !== "object" || answer === null) throw new Error(`the queue of ${name} failed`);
  return answer;
}

export async function measureQueue() {
  const measured = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const name of names) measured.get(name).push(await run(name));
  }
  const lines = {
    "fill, ms": ({ fill }) => fill,
    "flush, ms": ({ flush }) => flush,
    "bytes a message beside its text": ({ bytes }) => bytes,
  };
  const rows = Object.entries(lines).flatMap(([line, pick]) =>
    names.map((client) => ({ line, client, value: median(measured.get(client).map(pick)) })),
  );
  return [{ title: "queue, 100,000 messages of 60 B, Node", unit: "", show: "value", rows }];
}
