// A user at the game's page, in Chromium.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const sizes = { phone: { width: 390, height: 760 }, desktop: { width: 1100, height: 760 } };

/** A user at the game's page. */
export class Player {
  constructor(tab) {
    this.tab = tab;
  }

  static async open(t, server, look) {
    const tab = await chromium.open(t, server.url, look);
    await tab.sees("#play:enabled");
    return new Player(tab);
  }

  static async join(t, server, name, look) {
    const player = await Player.open(t, server, look);
    await player.joins(name);
    await player.isIn("open");
    await player.tab.sees("#scores .me");
    return player;
  }

  async joins(name) {
    await this.tab.fill("#name", name);
    await this.tab.press("Enter");
  }

  async says(text) {
    await this.tab.fill("#line", text);
    await this.tab.press("Enter");
  }

  /** Lets the game steer to dots, as the bots do. */
  plays() {
    return this.tab.evaluate(() => {
      globalThis.isPlaying = true;
      const frame = () => {
        if (!globalThis.isPlaying) return;
        globalThis.arena.game._game_steer_to_dots(1);
        requestAnimationFrame(frame);
      };
      frame();
    });
  }

  /** Ends `plays`, where the player is. */
  rests() {
    return this.tab.evaluate(() => {
      globalThis.isPlaying = false;
      globalThis.arena.game._game_stop();
    });
  }

  isIn(state) {
    return this.tab.sees(`#status[data-state="${state}"]`);
  }

  /** Resolves when this many are in the list. */
  seesPlayers(count) {
    return this.tab.until((n) => document.querySelectorAll("#scores li").length === n, count);
  }

  /** The scores, by name. */
  async scores() {
    const rows = await this.tab.evaluate(() =>
      [...document.querySelectorAll("#scores li")].map((row) => [
        row.querySelector("bdi").textContent,
        Number(row.querySelector("output").textContent),
      ]),
    );
    return Object.fromEntries(rows);
  }

  /** The texts of the chat's lines. */
  lines() {
    return this.tab.texts("#lines p");
  }

  /** Resolves when this many are drawn. */
  draws(count) {
    return this.tab.until((n) => globalThis.arena.drawing.scene.players.length === n, count);
  }

  async faults() {
    await this.tab.evaluate(`() => {${axe}}`);
    const { violations } = await this.tab.evaluate(() => globalThis.axe.run());
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
  }

  screenshot(name) {
    return this.tab.screenshot(`game-${name}.png`);
  }
}
