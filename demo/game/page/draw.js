// Draws the frame that the game provides: its numbers have the layout of client/web/main.cpp.
import { colourOf } from "./colours.js";

/** In the game's units, as in client/arena.hpp. */
const arena = { width: 1600, height: 900, radius: 20, dotRadius: 8 };
/** Minimum pixels per unit: if the whole arena does not fit, only a part of it is shown. */
const leastScale = 0.45;
const turn = 2 * Math.PI;

export class Drawing {
  /** The own position on the screen in pixels; undefined without a position. */
  me;
  /** The number of frames drawn, and the content of the last one. */
  frames = 0;
  scene = { me: -1, players: [], dots: [] };
  #canvas;
  #context;
  #nameOf;
  #colours = {};

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(id: number) => string} nameOf
   */
  constructor(canvas, nameOf) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#nameOf = nameOf;
    this.#readColours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this.#readColours(),
    );
  }

  /** @param {Float32Array} numbers */
  draw(numbers) {
    const scene = read(numbers);
    this.scene = scene;
    const view = this.#view(scene);
    this.frames += 1;
    const context = this.#context;
    context.save();
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.scale(devicePixelRatio, devicePixelRatio);
    context.translate(view.x, view.y);
    context.scale(view.scale, view.scale);
    this.#drawFloor();
    for (const { x, y } of scene.dots) this.#disc(x, y, arena.dotRadius, this.#colours.dot);
    for (const player of scene.players) this.#drawPlayer(player, player.id === scene.me);
    context.restore();
  }

  /** Computes the scale and the visible part; the canvas has the resolution of the screen. */
  #view({ me, players }) {
    const { clientWidth, clientHeight } = this.#canvas;
    const [width, height] = [clientWidth, clientHeight].map((n) =>
      Math.round(n * devicePixelRatio),
    );
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const whole = Math.min(clientWidth / arena.width, clientHeight / arena.height);
    const scale = Math.max(whole, leastScale);
    const mine = players.find(({ id }) => id === me) ?? { x: arena.width / 2, y: arena.height / 2 };
    const view = {
      scale,
      x: shift(mine.x * scale, arena.width * scale, clientWidth),
      y: shift(mine.y * scale, arena.height * scale, clientHeight),
    };
    this.me = me < 0 ? undefined : { x: view.x + mine.x * scale, y: view.y + mine.y * scale };
    return view;
  }

  #drawFloor() {
    const context = this.#context;
    context.fillStyle = this.#colours.floor;
    context.fillRect(0, 0, arena.width, arena.height);
    context.strokeStyle = this.#colours.line;
    context.lineWidth = 2;
    context.beginPath();
    for (let x = 0; x <= arena.width; x += 100) lineTo(context, x, 0, x, arena.height);
    for (let y = 0; y <= arena.height; y += 100) lineTo(context, 0, y, arena.width, y);
    context.stroke();
  }

  #drawPlayer({ id, x, y, colour, isAway }, isMe) {
    const context = this.#context;
    context.globalAlpha = isAway ? 0.35 : 1;
    this.#disc(x, y, arena.radius, colourOf(colour));
    if (isMe) {
      context.strokeStyle = this.#colours.ink;
      context.lineWidth = 4;
      context.stroke();
    }
    context.fillStyle = this.#colours.ink;
    context.font = "600 22px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(this.#nameOf(id), x, y - arena.radius - 8);
    context.globalAlpha = 1;
  }

  #disc(x, y, radius, colour) {
    const context = this.#context;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, turn);
    context.fill();
  }

  #readColours() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`);
    this.#colours = {
      ink: colour("ink"),
      line: colour("line"),
      floor: colour("floor"),
      dot: colour("accent"),
    };
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

/** @param {Float32Array} numbers */
function read(numbers) {
  const [me, playerCount, dotCount] = numbers;
  const players = [];
  const dots = [];
  let at = 3;
  for (let n = 0; n < playerCount; ++n, at += 5) {
    const [id, x, y, colour, isAway] = numbers.subarray(at, at + 5);
    players.push({ id, x, y, colour, isAway: isAway === 1 });
  }
  for (let n = 0; n < dotCount; ++n, at += 2) dots.push({ x: numbers[at], y: numbers[at + 1] });
  return { me, players, dots };
}
