// npm run fuzz: searches for JSON that the core misreads, for 60 or the given number of seconds.
// Findings, and the corpus for the next run, are in build/fuzz/.
//
//   npm run fuzz -- [seconds]
import { mkdirSync } from "node:fs";
import { compile } from "./cmake.mjs";
import { fail, run, step } from "./lib.mjs";
import { setup } from "./setup.mjs";

const seconds = Number(process.argv[2] ?? 60);
if (!(Number.isInteger(seconds) && seconds > 0)) {
  fail(`seconds must be a whole number of 1 or more, got ${process.argv[2]}`);
}

await setup("fuzz");
await compile("fuzz");
mkdirSync("build/fuzz/corpus", { recursive: true });
step(`fuzzing the readers of JSON for ${seconds} s, under ASan and UBSan`);
run("build/fuzz/tests/json/fuzz_texts", [
  "-dict=tests/json/json.dict",
  "-artifact_prefix=build/fuzz/",
  "-max_len=4096",
  "-print_final_stats=1",
  `-max_total_time=${seconds}`,
  "build/fuzz/corpus",
]);
step("nothing found");
