// Keyboard and touch input: the direction of the player.

const keys = {
  ArrowUp: [0, -1],
  KeyW: [0, -1],
  ArrowDown: [0, 1],
  KeyS: [0, 1],
  ArrowLeft: [-1, 0],
  KeyA: [-1, 0],
  ArrowRight: [1, 0],
  KeyD: [1, 0],
};
/** Distance in pixels from the own player within which a touch means to stay. */
const nearby = 8;

export class Steering {
  #pressed = new Set();
  #pointer;
  #canvas;
  #where;
  #steer;
  #stop;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => { x: number, y: number } | undefined} where The own position on the canvas.
   * @param {{ steer: (dx: number, dy: number) => void, stop: () => void }} player `stop` for a page
   *   that is left.
   */
  constructor(canvas, where, { steer, stop }) {
    this.#canvas = canvas;
    this.#where = where;
    this.#steer = steer;
    this.#stop = stop;
    addEventListener("keydown", (event) => this.#key(event, true));
    addEventListener("keyup", (event) => this.#key(event, false));
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.#pointer !== undefined) this.#point(event);
    });
    for (const type of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(type, () => {
        this.#pointer = undefined;
        this.update();
      });
    }
    // A key that is released elsewhere causes no event.
    addEventListener("blur", () => this.#release());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#release();
    });
  }

  /**
   * Call this once per frame: the player moves, so a resting finger is in another direction then.
   */
  update() {
    const me = this.#where();
    if (this.#pointer !== undefined && me !== undefined) this.#steer(...towards(me, this.#pointer));
    else this.#steer(...this.#pressedDirection());
  }

  #pressedDirection() {
    const direction = [0, 0];
    for (const code of this.#pressed) {
      direction[0] += keys[code][0];
      direction[1] += keys[code][1];
    }
    return direction;
  }

  #key(event, isDown) {
    if (!Object.hasOwn(keys, event.code)) return;
    // The release counts anywhere, and with any other keys.
    if (!isDown) {
      if (this.#pressed.delete(event.code)) this.update();
      return;
    }
    if (event.target.matches("input") || event.ctrlKey || event.altKey || event.metaKey) return;
    // Scrollable elements may scroll, but not the page during the game.
    if (event.target === this.#canvas || event.target === document.body) event.preventDefault();
    else if (event.code.startsWith("Arrow")) return;
    this.#pressed.add(event.code);
    this.update();
  }

  #point({ offsetX, offsetY }) {
    this.#pointer = { x: offsetX, y: offsetY };
    this.update();
  }

  #release() {
    this.#pressed.clear();
    this.#pointer = undefined;
    this.#stop();
  }
}

/** Returns one of 32 directions, so that a trembling finger causes no new input. */
function towards(from, to) {
  const [x, y] = [to.x - from.x, to.y - from.y];
  if (Math.hypot(x, y) < nearby) return [0, 0];
  const angle = (Math.round((Math.atan2(y, x) * 16) / Math.PI) * Math.PI) / 16;
  return [Math.cos(angle), Math.sin(angle)];
}
