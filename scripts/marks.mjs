// Generated parts of pages, between marks: <!-- NAME --> and <!-- /NAME -->.
import { fail } from "./lib.mjs";

/** The text with other lines between the marks of a name. `page` is for the error. */
export function fillIn(text, name, lines, page) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) fail(`${page} must have ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n${lines}\n${text.slice(to)}`;
}
