// The demo's bot, as `npm run bot` runs it.
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { once } from "../../../../tests/support/until.mjs";
import { spawnNode } from "./server.mjs";

export const botScript = fileURLToPath(new URL("../../bot.mjs", import.meta.url));

export class Bot {
  /** Its output, line by line. */
  lines;
  child;
  #last = "";

  /** Starts a bot that ends with the test. It sends "line 1", "line 2" and so on. */
  static start(t, server, ...args) {
    const bot = new Bot();
    bot.child = spawnNode(botScript, ["--url", server.url, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => bot.child.kill("SIGKILL"));
    bot.lines = createInterface(bot.child.stdout);
    bot.lines.on("line", (line) => {
      bot.#last = line;
    });
    return bot;
  }

  /** Ends it as Ctrl-C does, when everything sent is accepted. Resolves to the number of lines. */
  async stop() {
    this.child.kill("SIGINT");
    const [code] = await once(this.child, "close");
    const [, said, accepted] = /(\d+) said, (\d+) accepted, 0 waiting/.exec(this.#last) ?? [];
    if (code !== 0 || said !== accepted)
      throw new Error(`the bot ended with ${code}: ${this.#last}`);
    return Number(said);
  }
}
