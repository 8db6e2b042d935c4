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
