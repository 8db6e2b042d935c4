// npm run docs: makes the API reference in build/reference/ from the comments in bindings/src, and
// that of the C++ headers in build/reference/cpp/. Fails if a public declaration has no comment, or a
// comment has a broken link.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readManifest, root, run, step } from "./lib.mjs";
import { setup } from "./setup.mjs";

const folder = join(root, "scripts/reference");
const headers = ["sdk", "sdk/native", "sdk/testing", "sdk/web"]
  .map((part) => `${part}/include`)
  .filter((path) => existsSync(join(root, path)));

function describeJavaScript() {
  const options = ["--options", join(folder, "typedoc.json"), "--logLevel", "Warn"];
  run(process.execPath, [join(folder, "node_modules/typedoc/bin/typedoc"), ...options]);
}

function describeCpp() {
  const { version } = readManifest();
  const settings = [
    `@INCLUDE = ${join("scripts/reference", "Doxyfile")}`,
    `PROJECT_NUMBER = ${version}`,
    `INPUT = ${headers.join(" ")} scripts/reference/cpp.md`,
    `STRIP_FROM_PATH = ${headers.join(" ")}`,
    `STRIP_FROM_INC_PATH = ${headers.join(" ")}`,
  ];
  const input = settings.join("\n");
  run("doxygen", ["-"], { input, stdio: ["pipe", "inherit", "inherit"] });
}

await setup("docs");
// First, since it empties its folder, which has the other in it.
describeJavaScript();
describeCpp();
step("made build/reference/index.html and build/reference/cpp/index.html");
