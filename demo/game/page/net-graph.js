// The net graph: round trip and jitter, bytes in both directions, and what waits, over the last half
// minute.
import { find, setText } from "./dom.js";
import { bytes } from "./wire.js";

/** Milliseconds between two samples, and their number. */
const interval = 250;
const kept = 120;
/** Samples over which bytes are averaged. */
const averaged = 4;

const colours = {
  lost: "#5f1a24",
  trip: "#ffd43b",
  jitter: "#ffd43b44",
  in: "#2dd4bf",
  out: "#ff7a45",
  waiting: "#ff5c5c",
};

export class NetGraph {
  /**
   * @type {{ isOpen: boolean, trip?: number, jitter?: number, in: number, out: number,
   *   waiting: number }[]}
   */
  samples = [];
  #socket;
  #waitingIn;
  #last = { ...bytes };
  #canvas = find("net-graph");

  /**
   * @param socket
   * @param {() => number} waitingIn Received messages that wait for a frame.
   */
  constructor(socket, waitingIn) {
    this.#socket = socket;
    this.#waitingIn = waitingIn;
    setInterval(() => {
      this.#sample();
      if (!document.hidden) this.#draw();
    }, interval);
  }

  #sample() {
    const { state, queued } = this.#socket;
    const isOpen = state === "open";
    const { last: trip, jitter } = (isOpen && this.#socket.stats().roundTrip) || {};
    const waitingIn = this.#waitingIn();
    const perSecond = 1000 / interval;
    this.samples.push({
      isOpen,
      trip,
      jitter,
      in: (bytes.in - this.#last.in) * perSecond,
      out: (bytes.out - this.#last.out) * perSecond,
      waiting: queued + waitingIn,
    });
    if (this.samples.length > kept) this.samples.shift();
    this.#last = { ...bytes };
    setText(find("jitter"), jitter === undefined ? "–" : `${Math.round(jitter)} ms`);
    setText(find("bytes-in"), kilobytes(this.#mean("in")));
    setText(find("bytes-out"), kilobytes(this.#mean("out")));
    setText(find("waiting"), `${queued} out, ${waitingIn} in`);
  }

  #mean(name) {
    const last = this.samples.slice(-averaged);
    return last.reduce((sum, sample) => sum + sample[name], 0) / last.length;
  }

  #draw() {
    const canvas = this.#canvas;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const context = canvas.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    const step = width / kept;
    const from = kept - this.samples.length;
    const at = (index) => (from + index) * step;
    context.fillStyle = colours.lost;
    for (const [index, { isOpen }] of this.samples.entries()) {
      if (!isOpen) context.fillRect(at(index), 0, step + 1, height);
    }
    const half = height / 2;
    const trips = scaleOf(
      this.samples.map(({ trip = 0, jitter = 0 }) => trip + jitter),
      50,
    );
    const y = (value) => half - 2 - (value / trips) * (half - 4);
    context.fillStyle = colours.jitter;
    for (const [index, { trip, jitter = 0 }] of this.samples.entries()) {
      if (trip === undefined) continue;
      const top = y(trip + jitter);
      context.fillRect(at(index), top, step + 0.5, y(Math.max(0, trip - jitter)) - top);
    }
    this.#line(context, "trip", at, y, colours.trip);
    const rates = scaleOf(
      this.samples.flatMap((one) => [one.in, one.out]),
      1000,
    );
    const rateY = (value) => height - 1 - (value / rates) * (half - 4);
    this.#line(context, "in", at, rateY, colours.in);
    this.#line(context, "out", at, rateY, colours.out);
    context.fillStyle = colours.waiting;
    for (const [index, { waiting }] of this.samples.entries()) {
      const high = Math.min(half, waiting * 3);
      context.fillRect(at(index), height - high, step, high);
    }
  }

  /** Interrupted where there is no value. */
  #line(context, name, at, y, colour) {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    let isDown = false;
    for (const [index, { [name]: value }] of this.samples.entries()) {
      if (value === undefined) isDown = false;
      else if (isDown) context.lineTo(at(index), y(value));
      else {
        context.moveTo(at(index), y(value));
        isDown = true;
      }
    }
    context.stroke();
  }
}

/** The largest value, with some space above, and at least `least`. */
function scaleOf(values, least) {
  return Math.max(least, ...values) * 1.1;
}

function kilobytes(value) {
  return `${(value / 1000).toFixed(1)} KB/s`;
}
