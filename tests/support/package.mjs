// The package as a user has it: packed, and installed into build/consumer by tests/runner/prepare.mjs.
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const consumer = fileURLToPath(new URL("../../build/consumer/", import.meta.url));
const entry = createRequire(join(consumer, "package.json")).resolve("steadysocket");

export const packageUrl = pathToFileURL(entry).href;
export const consumerFolder = consumer;
export const {
  SteadySocket,
  SteadySocketError,
  SteadyCloseEvent,
  StateChangeEvent,
  DropEvent,
  SteadyErrorEvent,
} = await import(packageUrl);
