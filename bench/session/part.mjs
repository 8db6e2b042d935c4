// The cost of a session: the same client with and without one.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { bundle } from "../bundle.mjs";
import measureStubbed from "./stubbed.mjs";

const child = fileURLToPath(new URL("child.mjs", import.meta.url));

async function runChild() {
  const forked = fork(child, { execArgv: ["--expose-gc"], timeout: 60_000 });
  const [answer] = await Promise.race([once(forked, "message"), once(forked, "exit")]);
  if (typeof answer !== "object" || answer === null) throw new Error("session/child.mjs failed");
  return answer;
}

export async function measureSession(chromium) {
  const described = { unit: "ns", show: "ratio" };
  const inNode = await measureStubbed();
  chromium.serve("/session.js", await bundle("session/stubbed.mjs"));
  const inChromium = await chromium.run("/session.js");
  const { kept, acknowledgements } = await runChild();
  const client = "session";
  return [
    { title: "session, stubbed, Node", ...described, rows: inNode },
    { title: "session, stubbed, Chromium", ...described, rows: inChromium },
    {
      title: "session, Node",
      unit: "",
      show: "value",
      rows: [
        { line: "bytes of an unacknowledged message beside its text", client, value: kept },
        {
          line: "acknowledgements, % of the bytes of 1 KB messages",
          client,
          value: acknowledgements * 100,
        },
      ],
    },
  ];
}
