// Trails of players, and bursts where a dot was collected.
import { colourOf } from "./colours.js";
import { arena } from "./scene.js";

const trailLength = 16;
/** Milliseconds of a burst. */
const burstTime = 500;
const sparks = 10;
const turn = 2 * Math.PI;

export class Effects {
  /** The last positions, by player. @type {Map<number, { x: number, y: number }[]>} */
  #trails = new Map();
  #bursts = [];
  #dots = [];
  #onCollect;
  #isStill = matchMedia("(prefers-reduced-motion: reduce)");

  /** @param {(points: number) => void} onCollect Called when the own player has collected a dot. */
  constructor(onCollect) {
    this.#onCollect = onCollect;
  }

  /** @param {import("./scene.js").Scene} scene */
  update(scene, now) {
    this.#updateTrails(scene.players);
    // A dot that is elsewhere was collected. After a reconnect all may be elsewhere.
    const moved = scene.dots
      .map((dot, index) => ({ dot, was: this.#dots[index], index }))
      .filter(({ dot, was }) => was !== undefined && (was.x !== dot.x || was.y !== dot.y));
    this.#dots = scene.dots;
    if (moved.length < scene.dots.length / 2) {
      for (const { was, index } of moved) this.#burst(was, index, scene, now);
    }
    this.#bursts = this.#bursts.filter(({ began }) => now - began < burstTime);
  }

  drawTrails(context, players) {
    if (this.#isStill.matches) return;
    for (const { id, colour } of players) {
      const trail = this.#trails.get(id) ?? [];
      context.fillStyle = colourOf(colour);
      for (const [index, { x, y }] of trail.entries()) {
        const part = index / trailLength;
        context.globalAlpha = 0.22 * part;
        disc(context, x, y, arena.radius * (0.3 + 0.7 * part));
      }
    }
    context.globalAlpha = 1;
  }

  drawBursts(context, now) {
    for (const { x, y, colour, points, began, isMine } of this.#bursts) {
      const part = Math.min(1, Math.max(0, (now - began) / burstTime));
      context.globalAlpha = 1 - part;
      context.fillStyle = colour;
      if (!this.#isStill.matches) {
        const far = 12 + 40 * Math.sqrt(part);
        for (let n = 0; n < sparks; ++n) {
          const angle = (n / sparks) * turn;
          disc(context, x + far * Math.cos(angle), y + far * Math.sin(angle), 4 * (1 - part));
        }
      }
      if (isMine) {
        context.font = "700 26px system-ui, sans-serif";
        context.textAlign = "center";
        context.fillText(`+${points}`, x, y - 20 - 30 * part);
      }
    }
    context.globalAlpha = 1;
  }

  #updateTrails(players) {
    const trails = new Map();
    for (const { id, x, y } of players) {
      const trail = this.#trails.get(id) ?? [];
      trail.push({ x, y });
      if (trail.length > trailLength) trail.shift();
      trails.set(id, trail);
    }
    this.#trails = trails;
  }

  #burst(at, index, { me, players }, now) {
    const distance = ({ x, y }) => Math.hypot(x - at.x, y - at.y);
    const nearest = players.toSorted((a, b) => distance(a) - distance(b))[0];
    // States and shown positions differ by the latency.
    if (nearest === undefined || distance(nearest) > 150) return;
    const points = index >= arena.firstBonus ? 5 : 1;
    const isMine = nearest.id === me;
    this.#bursts.push({ ...at, colour: colourOf(nearest.colour), points, began: now, isMine });
    if (isMine) this.#onCollect(points);
  }
}

function disc(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, turn);
  context.fill();
}
