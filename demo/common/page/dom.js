// Creates elements of the page. Text from users is inserted as text.

/** Returns the element with this id. */
export const find = (id) => document.getElementById(id);

/** @param {...(string | Node)} content */
export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** A name, whose writing direction may differ from that of its line. */
export function nameNode(name, className = "name") {
  const node = element("bdi", className, name);
  node.title = name;
  return node;
}

/** Sets the text if it differs: an idle page should do nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A disc. The colour is an attribute: the pages' policy forbids styles in elements. */
export function disc(colour) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("width", "14");
  svg.setAttribute("height", "14");
  svg.setAttribute("aria-hidden", "true");
  const circle = document.createElementNS(namespace, "circle");
  for (const name of ["cx", "cy", "r"]) circle.setAttribute(name, "7");
  circle.setAttribute("fill", colour);
  svg.append(circle);
  return svg;
}
