// The bytes that steadysocket adds to a C++ program for the web: the same game alone and with it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { compile } from "../../../scripts/cmake.mjs";
import { root } from "../../../scripts/lib.mjs";

const presets = { "-O3 (Release)": "web-bench", "-Oz -flto": "web-bench-small" };

async function measure(preset) {
  await compile(preset, "size");
  const gzipped = (name, type) =>
    gzipSync(readFileSync(join(root, "build", preset, `bench/cpp/size/size_${name}.${type}`)), {
      level: 9,
    }).length;
  return Object.fromEntries(
    ["wasm", "js"].map((type) => [type, [gzipped("alone", type), gzipped("connected", type)]]),
  );
}

export async function measureCppSize() {
  const rows = [];
  for (const [flags, preset] of Object.entries(presets)) {
    for (const [type, [alone, connected]] of Object.entries(await measure(preset))) {
      const line = `${type}, gzip -9, ${flags}`;
      rows.push(
        { line, client: "game", value: alone },
        { line, client: "game with steadysocket", value: connected },
        { line, client: "added", value: connected - alone },
      );
    }
  }
  return [{ title: "size of a C++ game with embind", unit: "bytes", show: "value", rows }];
}
