// The last round trips as a small plot, one point each; a missing answer is a gap.

const points = 60;
const width = 240;
const height = 48;
const svg = "http://www.w3.org/2000/svg";

export class Plot {
  #node;
  #line = document.createElementNS(svg, "path");
  /** Milliseconds; undefined without an answer. */
  #values = [];

  /** @param {SVGElement} node - with a viewBox of 240 x 48 */
  constructor(node) {
    this.#node = node;
    node.append(this.#line);
  }

  /** @param {number | undefined} milliseconds - of one round trip */
  add(milliseconds) {
    this.#values.push(milliseconds);
    if (this.#values.length > points) this.#values.shift();
    // The scale has a minimum, so that noise does not fill the plot.
    const most = Math.max(10, ...this.#values.filter((value) => value !== undefined));
    const x = (index) => ((index + points - this.#values.length) / (points - 1)) * width;
    const y = (value) => height - 2 - (value / most) * (height - 4);
    let path = "";
    let isGap = true;
    for (const [index, value] of this.#values.entries()) {
      if (value !== undefined) {
        path += `${isGap ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
        // An isolated point is visible, too.
        if (isGap) path += "h0.1";
      }
      isGap = value === undefined;
    }
    this.#line.setAttribute("d", path);
    this.#node.dataset.most = String(Math.round(most));
  }
}
