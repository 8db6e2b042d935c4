// Draws the frame that the game provides.
import { colourOf } from "./colours.js";
import { Effects } from "./effects.js";
import { arena, emptyScene, readScene } from "./scene.js";

/** Minimum pixels per unit. */
const leastScale = 0.45;
const turn = 2 * Math.PI;
const colours = {
  outside: "#05070d",
  floor: "#0d1322",
  line: "#1a2440",
  wall: "#3b5bdb",
  ink: "#f1f5fb",
  dot: "#5eead4",
  bonus: "#ffe066",
};
/** Distance in units from which the server's position of the own player is shown. */
const leastGhost = 6;
/** The map in the corner: pixels. */
const map = { width: 112, height: 63, margin: 10 };

export class Drawing {
  /** The own position on the screen in pixels; undefined without a position. */
  me;
  /** The number of frames drawn, and the content of the last one. */
  frames = 0;
  scene = emptyScene;
  #canvas;
  #context;
  #nameOf;
  #effects;
  #glows = new Map();

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(id: number) => string} nameOf
   * @param {(points: number) => void} onCollect
   */
  constructor(canvas, nameOf, onCollect) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#nameOf = nameOf;
    this.#effects = new Effects(onCollect);
  }

  /** @param {Float32Array} numbers */
  draw(numbers) {
    const scene = readScene(numbers);
    const now = performance.now();
    this.scene = scene;
    this.#effects.update(scene, now);
    const view = this.#view(scene);
    this.frames += 1;
    const context = this.#context;
    context.save();
    context.fillStyle = colours.outside;
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.scale(devicePixelRatio, devicePixelRatio);
    context.save();
    context.translate(view.x, view.y);
    context.scale(view.scale, view.scale);
    this.#drawFloor();
    this.#drawDots(scene.dots, now);
    this.#effects.drawTrails(context, scene.players);
    this.#drawGhost(scene);
    for (const player of scene.players) this.#drawPlayer(player, player.id === scene.me);
    this.#effects.drawBursts(context, now);
    context.restore();
    if (!view.isWhole) this.#drawMap(scene);
    context.restore();
  }

  /**
   * Computes the scale and the visible part: the arena fills the canvas, and the own player is in
   * the centre where that is possible. The canvas has the resolution of the screen.
   */
  #view({ me, players }) {
    const { clientWidth, clientHeight } = this.#canvas;
    const [width, height] = [clientWidth, clientHeight].map((n) =>
      Math.round(n * devicePixelRatio),
    );
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const filling = Math.max(clientWidth / arena.width, clientHeight / arena.height);
    const scale = Math.max(filling, leastScale);
    const mine = players.find(({ id }) => id === me) ?? { x: arena.width / 2, y: arena.height / 2 };
    const [wide, high] = [arena.width * scale, arena.height * scale];
    const view = {
      scale,
      x: shift(mine.x * scale, wide, clientWidth),
      y: shift(mine.y * scale, high, clientHeight),
      isWhole: wide <= clientWidth * 1.1 && high <= clientHeight * 1.1,
    };
    this.me = me < 0 ? undefined : { x: view.x + mine.x * scale, y: view.y + mine.y * scale };
    return view;
  }

  #drawFloor() {
    const context = this.#context;
    context.fillStyle = colours.floor;
    context.fillRect(0, 0, arena.width, arena.height);
    context.strokeStyle = colours.line;
    context.lineWidth = 2;
    context.beginPath();
    for (let x = 100; x < arena.width; x += 100) lineTo(context, x, 0, x, arena.height);
    for (let y = 100; y < arena.height; y += 100) lineTo(context, 0, y, arena.width, y);
    context.stroke();
    context.strokeStyle = colours.wall;
    context.lineWidth = 6;
    context.strokeRect(3, 3, arena.width - 6, arena.height - 6);
  }

  #drawDots(dots, now) {
    for (const [index, { x, y }] of dots.entries()) {
      const isBonus = index >= arena.firstBonus;
      const colour = isBonus ? colours.bonus : colours.dot;
      this.#glow(x, y, arena.dotRadius * (isBonus ? 4 + Math.sin(now / 200) : 2.5), colour);
      if (isBonus) this.#star(x, y, arena.dotRadius * 1.7, colour);
      else this.#disc(x, y, arena.dotRadius, colour);
    }
  }

  /** The own player at the server's position: the distance is what the prediction adds. */
  #drawGhost({ me, confirmed, players }) {
    const mine = players.find(({ id }) => id === me);
    if (mine === undefined || confirmed === undefined) return;
    if (Math.hypot(mine.x - confirmed.x, mine.y - confirmed.y) < leastGhost) return;
    const context = this.#context;
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.setLineDash([6, 6]);
    context.globalAlpha = 0.7;
    context.beginPath();
    context.arc(confirmed.x, confirmed.y, arena.radius, 0, turn);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  #drawPlayer({ id, x, y, colour, isAway }, isMe) {
    const context = this.#context;
    context.globalAlpha = isAway ? 0.35 : 1;
    this.#glow(x, y, arena.radius * 2.4, colourOf(colour));
    this.#disc(x, y, arena.radius, colourOf(colour));
    if (isMe) {
      context.strokeStyle = colours.ink;
      context.lineWidth = 4;
      context.stroke();
    }
    context.fillStyle = colours.ink;
    context.font = "600 22px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(this.#nameOf(id), x, y - arena.radius - 10);
    context.globalAlpha = 1;
  }

  /** All players and the bonus dots, in a corner, where only a part of the arena is visible. */
  #drawMap({ players, dots, me }) {
    const context = this.#context;
    const scale = map.width / arena.width;
    context.save();
    context.translate(map.margin, this.#canvas.clientHeight - map.height - map.margin);
    context.globalAlpha = 0.85;
    context.fillStyle = colours.outside;
    context.strokeStyle = colours.wall;
    context.lineWidth = 1;
    context.fillRect(0, 0, map.width, map.height);
    context.strokeRect(0, 0, map.width, map.height);
    for (const { x, y } of dots.slice(arena.firstBonus)) {
      this.#disc(x * scale, y * scale, 1.5, colours.bonus);
    }
    for (const { id, x, y, colour } of players) {
      this.#disc(x * scale, y * scale, id === me ? 4 : 2.5, colourOf(colour));
    }
    context.restore();
  }

  #disc(x, y, radius, colour) {
    const context = this.#context;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, turn);
    context.fill();
  }

  #star(x, y, radius, colour) {
    const context = this.#context;
    context.fillStyle = colour;
    context.beginPath();
    for (let n = 0; n < 10; ++n) {
      const far = n % 2 === 0 ? radius : radius * 0.5;
      const angle = (n / 10) * turn - turn / 4;
      context.lineTo(x + far * Math.cos(angle), y + far * Math.sin(angle));
    }
    context.fill();
  }

  #glow(x, y, radius, colour) {
    this.#context.drawImage(this.#glowOf(colour), x - radius, y - radius, 2 * radius, 2 * radius);
  }

  /** A picture, since a gradient for every dot of every frame costs more than all else. */
  #glowOf(colour) {
    const known = this.#glows.get(colour);
    if (known !== undefined) return known;
    const glow = document.createElement("canvas");
    glow.width = 64;
    glow.height = 64;
    const context = glow.getContext("2d");
    const gradient = context.createRadialGradient(32, 32, 0, 32, 32, 32);
    gradient.addColorStop(0, `${colour}88`);
    gradient.addColorStop(1, `${colour}00`);
    context.fillStyle = gradient;
    context.fillRect(0, 0, 64, 64);
    this.#glows.set(colour, glow);
    return glow;
  }
}

/** Moves an arena larger than the screen so that `mine` is in the centre, except at the edges. */
function shift(mine, whole, screen) {
  if (whole <= screen) return (screen - whole) / 2;
  return Math.min(0, Math.max(screen - whole, screen / 2 - mine));
}

function lineTo(context, fromX, fromY, toX, toY) {
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
}
