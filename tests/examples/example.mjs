// Runs an example with its own `npm start`, in a copy beside the installed packages.
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib.mjs";
import { Command } from "../support/command.mjs";

const sources = join(root, "examples");
const copies = join(root, "build/examples");

/** The names of the examples in JavaScript, which are folders with a start script. */
export const exampleNames = readdirSync(sources, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("session-"))
  .map(({ name }) => name);

export const sourceOf = (name) => join(sources, name);

/** Files that trying an example in its own folder leaves there. */
const generated = /[\\/](node_modules|\.next|orders\.json|package-lock\.json)$/;

/** Copies an example into a folder, of which it becomes a subfolder. Returns its path. */
export function copyExample(name, into = copies) {
  const folder = join(into, name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(sourceOf(name), folder, { recursive: true, filter: (path) => !generated.test(path) });
  return folder;
}

/** The variables of examples: a free port, plain output. */
export const variables = { PORT: "0", NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1" };

/** An example that is running. */
export class Example extends Command {
  /** @param {string} folder - made by copyExample. @param {string[]} args - of its start script. */
  constructor(t, folder, ...args) {
    super(t, folder, "npm", ["start", "--", ...args], variables);
  }

  /** Kills its server with SIGKILL. */
  async killServer() {
    const from = this.output.length;
    this.enter();
    await this.prints(/\[server\] ended \(SIGKILL\)/, from);
  }

  /** Starts its server again. */
  async startServer() {
    const from = this.output.length;
    this.enter();
    await this.prints(/\[server\] listening on/, from);
  }
}
