// An invisible screen, for a browser that has no headless mode.
import { once } from "node:events";
import { after } from "node:test";
import { xvfbFile } from "../../../scripts/tools.mjs";
import { endGroup, startGroup } from "./cleanup.mjs";

let server;
let name;
// SIGTERM lets it remove its files.
after(() => server && endGroup(server, "SIGTERM"));

/** Resolves to the name of an X display, one for the whole test file. */
export function findDisplay() {
  name ??= startDisplay();
  return name;
}

async function startDisplay() {
  // Xvfb chooses the number, and prints it when it is ready.
  const args = ["-displayfd", "3", "-screen", "0", "1920x1440x24", "-nolisten", "tcp", "-noreset"];
  server = startGroup(xvfbFile(), args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const ended = once(server, "exit").then(([code]) => {
    throw new Error(`Xvfb ended with ${code}`);
  });
  // It also ends after the tests, when nothing awaits this any more.
  ended.catch(() => {});
  const [number] = await Promise.race([once(server.stdio[3], "data"), ended]);
  return `:${String(number).trim()}`;
}
