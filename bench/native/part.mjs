import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { compile } from "../../scripts/cmake.mjs";
import { root } from "../../scripts/lib.mjs";

const preset = "native-bench";

export async function measureNative() {
  await compile(preset);
  const program = join(root, "build", preset, "bench/native/messages");
  const rows = JSON.parse(execFileSync(program, { encoding: "utf8" }));
  return ["receive", "send"].map((table) => ({
    title: `${table} in C++, native, over loopback`,
    unit: "ns of processor time",
    show: "ratio",
    rows: rows.filter((row) => row.table === table),
  }));
}
