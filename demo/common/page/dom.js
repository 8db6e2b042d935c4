// Makes parts of the page. Whatever comes from people goes in as text.

/** The element of this id. */
export const find = (id) => document.getElementById(id);

/** @param {...(string | Node)} content */
export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** A name, which may be written in another direction than the line that it is in. */
export function nameNode(name, className = "name") {
  const node = element("bdi", className, name);
  node.title = name;
  return node;
}

/** Sets a text if it is another one: a page that does nothing should do nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
