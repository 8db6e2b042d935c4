// What a C++ program for the web gets larger by: the same game alone, and on steadysocket.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { configureWeb } from "../../../scripts/build.mjs";
import { root, runQuietly } from "../../../scripts/lib.mjs";

const presets = { "-O3 (Release)": "web-bench", "-Oz -flto": "web-bench-small" };

async function compile(preset) {
  await configureWeb(preset);
  const build = ["--build", "--preset", preset, "--target", "size"];
  await runQuietly("compiling a game twice", "cmake", build);
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
    for (const [type, [alone, connected]] of Object.entries(await compile(preset))) {
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
