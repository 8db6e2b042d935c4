// The package as a user has it: packed, and installed into build/consumer by
// tests/runner/prepare.mjs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const consumerFolder = fileURLToPath(new URL("../../build/consumer/", import.meta.url));
const folder = join(consumerFolder, "node_modules/steadysocket");
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** The URL of the file that Node imports for an entry, such as "./core". */
export function entryUrl(entry) {
  const target = manifest.exports[entry];
  return pathToFileURL(join(folder, target.default ?? target)).href;
}

/**
 * The entry that the suites test. Those for `steadysocket/js` are the same tests, with another
 * value of the variable: see suites.mjs.
 */
const tested = process.env.STEADYSOCKET_ENTRY ?? ".";
export const packageUrl = entryUrl(tested);
export const isInJavaScript = tested === "./js";
export const {
  SteadySocket,
  SteadySocketError,
  SteadyCloseEvent,
  StateChangeEvent,
  DropEvent,
  SteadyErrorEvent,
} = await import(packageUrl);
