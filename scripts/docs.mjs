// npm run docs: makes the API reference in build/reference/, from the comments in bindings/src. Fails
// if something that users see has no comment, or a link in one leads nowhere.
import { join } from "node:path";
import { root, run, step } from "./lib.mjs";
import { setup } from "./setup.mjs";

await setup("docs");
const folder = join(root, "scripts/reference");
const options = ["--options", join(folder, "typedoc.json"), "--logLevel", "Warn"];
run(process.execPath, [join(folder, "node_modules/typedoc/bin/typedoc"), ...options]);
step("made build/reference/index.html");
