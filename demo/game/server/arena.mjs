// The arena: positions of players and dots, and the effect of a step. Independent of clock,
// connections and disk. The client's arena.hpp has the same constants.

export const arena = { width: 1600, height: 900, radius: 20, dotRadius: 8, speed: 280, dots: 40 };

/** The last of the dots are worth more than one point. */
export const bonus = { dots: 4, points: 5 };

/** Milliseconds of one step. */
export const stepTime = 50;

/**
 * @typedef {object} Body
 * @property {number} x
 * @property {number} y
 * @property {number} dx Direction, from -1 to 1; with `dy`, a length of at most 1.
 * @property {number} dy
 * @property {boolean} [isAway] Without a connection: it neither moves nor collects.
 */

export class Arena {
  /** @type {Set<Body>} */
  #bodies = new Set();
  /** @type {{ x: number, y: number }[]} */
  dots = [];
  #random;

  /** @param {() => number} random Returns a number from 0 to below 1. */
  constructor(random = Math.random) {
    this.#random = random;
    for (let n = 0; n < arena.dots; ++n) this.dots.push(this.somewhere());
  }

  /** Returns a position in which a body fits. */
  somewhere() {
    const within = (size) => arena.radius + this.#random() * (size - 2 * arena.radius);
    return { x: within(arena.width), y: within(arena.height) };
  }

  /** @param {Body} body */
  add(body) {
    this.#bodies.add(body);
  }

  remove(body) {
    this.#bodies.delete(body);
  }

  /** Advances by one step. Returns the collectors of dots, once for each point. */
  step() {
    this.move();
    const collectors = [];
    this.dots.forEach((dot, index) => {
      const collector = this.#collectorOf(dot);
      if (collector === undefined) return;
      collectors.push(...new Array(pointsOf(index)).fill(collector));
      this.dots[index] = this.somewhere();
    });
    return collectors;
  }

  /** Advances by one step in which no dot is collected. */
  move() {
    for (const body of this.#bodies) move(body);
  }

  /** Returns the nearest body, if it touches the dot. */
  #collectorOf(dot) {
    let nearest;
    let least = arena.radius + arena.dotRadius;
    for (const body of this.#bodies) {
      const distance = Math.hypot(body.x - dot.x, body.y - dot.y);
      if (distance >= least || body.isAway) continue;
      least = distance;
      nearest = body;
    }
    return nearest;
  }
}

/** The points for a dot. */
function pointsOf(index) {
  return index >= arena.dots - bonus.dots ? bonus.points : 1;
}

function move(body) {
  if (body.isAway) return;
  const way = (arena.speed * stepTime) / 1000;
  body.x = clamp(body.x + body.dx * way, arena.width);
  body.y = clamp(body.y + body.dy * way, arena.height);
}

function clamp(value, size) {
  return Math.min(Math.max(value, arena.radius), size - arena.radius);
}
