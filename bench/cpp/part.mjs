import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../scripts/cmake.mjs";
import { root } from "../../scripts/lib.mjs";
import { bundle } from "../bundle.mjs";
import measureCases from "./cases.mjs";

const preset = "web-bench";
const built = join(root, "build", preset, "bench/cpp");

export async function measureCpp(chromium) {
  await compile(preset);
  const glue = join(built, "clients.mjs");
  const wasm = readFileSync(join(built, "clients.wasm"));

  const before = globalThis.WebSocket;
  const inNode = await measureCases({ glue, wasm });
  globalThis.WebSocket = before;

  chromium.serve("/clients.mjs", readFileSync(glue));
  chromium.serve("/clients.wasm", wasm);
  chromium.serve("/cpp.js", await bundle("cpp/cases.mjs"));
  const inChromium = await chromium.run("/cpp.js", {
    glue: "/clients.mjs",
    wasm: "/clients.wasm",
  });
  const described = { unit: "ns", show: "ratio" };
  return [
    { title: "receive in C++, stubbed, Node", ...described, rows: inNode.received },
    { title: "receive in C++, stubbed, Chromium", ...described, rows: inChromium.received },
    { title: "send in C++, stubbed, Node", ...described, rows: inNode.sent },
    { title: "send in C++, stubbed, Chromium", ...described, rows: inChromium.sent },
  ];
}
