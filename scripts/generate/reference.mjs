// The reference pages of errors, drops and close codes in docs/reference/: one page each, checked
// against names.def and the core's close rules, with the generated parts of the pages.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib.mjs";
import { fillIn } from "../marks.mjs";

const folder = "docs/reference";
const policy = "sdk/kernel/reconnect_policy.cpp";
/** The page of the close codes that belong to applications. */
const applicationCodes = "4000-4999";

/**
 * @typedef {object} CloseRules
 * @property {{ first: number, last: number, action: string }[]} rules - The first match applies.
 * @property {number[]} credentials - Codes that are retried once with new credentials.
 */

/** Reads the default rules of the core. @returns {CloseRules} */
export function readCloseRules() {
  const source = readFileSync(join(root, policy), "utf8");
  const listOf = (name) => {
    const [, list] = new RegExp(`> ${name}\\{(.*?)\\};`, "s").exec(source) ?? [];
    if (list === undefined) throw new Error(`${policy} has no ${name}`);
    return list;
  };
  const rules = Array.from(
    listOf("default_rules").matchAll(/\{(\d+), (\d+), CloseAction::(\w+)\}/g),
    ([, first, last, action]) => ({ first: Number(first), last: Number(last), action }),
  );
  return { rules, credentials: listOf("codes_of_credentials").split(",").map(Number) };
}

/** Names of the pages in a folder of the reference, without their suffix. */
const pagesIn = (kind) =>
  readdirSync(join(root, folder, kind))
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length))
    .sort();

const actionOf = ({ rules }, page) => {
  const code = Number.parseInt(page, 10);
  return rules.find(({ first, last }) => first <= code && code <= last)?.action ?? "retry";
};

const isOfCredentials = ({ credentials }, page) => credentials.includes(Number(page));

const titleOf = (text, name, file) => {
  const title = /^# (.+)$/m.exec(text)?.[1] ?? "";
  if (title.startsWith(`${name}: `)) return title.slice(name.length + 2);
  throw new Error(`${file}: the title must begin with "${name}: "`);
};

/** The sentences of a close code's page. */
function sentences(rules, page, seconds) {
  const action = actionOf(rules, page);
  if (isOfCredentials(rules, page)) {
    return (
      `Default action: \`${action}\`, once \`retry\` before. steadysocket makes one more attempt if ` +
      "it can send other credentials: if a function provides the URL, the subprotocols or the " +
      "first message, or if there is `greet`. If that attempt ends with such a code, too, or if " +
      "there is no such function, it closes the socket and dispatches an `error` event with the " +
      "code [`fatal_close`](../errors/fatal_close.md)."
    );
  }
  if (action === "fatal") {
    return (
      `Default action: \`${action}\`. steadysocket closes the socket, does not reconnect, and ` +
      "dispatches an `error` event with the code [`fatal_close`](../errors/fatal_close.md)."
    );
  }
  if (action === "later") {
    return (
      `Default action: \`${action}\`. steadysocket reconnects after a random delay between ` +
      `\`reconnect.laterMin\` (${seconds("reconnect.laterMin")} s) and \`reconnect.laterMax\` ` +
      `(${seconds("reconnect.laterMax")} s), or after the delay that the server requests with ` +
      "[`retry-after`](../../guides/reconnecting.md#retry-after)."
    );
  }
  return (
    `Default action: \`${action}\`. steadysocket reconnects after the ` +
    "[backoff delay](../../guides/reconnecting.md#backoff)."
  );
}

/** The table of the guide: the close codes of each default action. */
function ruleTable({ rules, credentials }) {
  const codesOf = (wanted) =>
    rules
      .filter(
        ({ first, last, action }) => action === wanted && `${first}-${last}` !== applicationCodes,
      )
      .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n))
      .filter((code) => !credentials.includes(code));
  const once = "[one attempt with new credentials](#one-attempt-with-new-credentials)";
  return [
    "| close code | default action |",
    "| --- | --- |",
    `| ${codesOf("fatal").join(", ")} | \`fatal\` |`,
    `| ${credentials.join(", ")} | \`fatal\`, once \`retry\` before: ${once} |`,
    `| ${codesOf("later").join(", ")} | \`later\` |`,
    `| ${applicationCodes} | \`${actionOf({ rules }, applicationCodes)}\` |`,
    "| all others | `retry` |",
  ].join("\n");
}

/** The index with the first three cells of each row: code, meaning, default action. */
function withCloseRows(text, rules, titles) {
  const found = new Set();
  const done = text.replaceAll(/^\| \[`([\d-]+)`\].*?\|.*?\|.*?\|(.*)$/gm, (row, page, rest) => {
    if (!titles.has(page)) return row;
    found.add(page);
    const once = isOfCredentials(rules, page) ? ", once `retry` before" : "";
    const action = `\`${actionOf(rules, page)}\`${once}`;
    return `| [\`${page}\`](close-codes/${page}.md) | ${titles.get(page)} | ${action} |${rest}`;
  });
  const missing = [...titles.keys()].filter((page) => !found.has(page));
  if (missing.length > 0) {
    throw new Error(`${folder}/close-codes.md has no row for ${missing.join(", ")}`);
  }
  return done;
}

function checkPages(kind, names, others = []) {
  const pages = pagesIn(kind);
  const wanted = [...names, ...others];
  const missing = wanted.filter((name) => !pages.includes(name));
  const spare = pages.filter((name) => !wanted.includes(name));
  if (missing.length > 0) throw new Error(`${folder}/${kind}: no page for ${missing.join(", ")}`);
  if (spare.length > 0) throw new Error(`${folder}/${kind}: no such code: ${spare.join(", ")}`);
  for (const name of names) {
    const file = `${folder}/${kind}/${name}.md`;
    titleOf(readFileSync(join(root, file), "utf8"), name, file);
  }
}

/** Fails if a close rule of the core has a code without a page. */
function checkCloseCodes({ rules, credentials }, pages) {
  const codes = [...credentials];
  for (const { first, last } of rules) {
    if (`${first}-${last}` === applicationCodes) continue;
    for (let code = first; code <= last; ++code) codes.push(code);
  }
  const missing = codes.filter((code) => !pages.includes(String(code)));
  if (!pages.includes(applicationCodes)) missing.push(applicationCodes);
  if (missing.length > 0) {
    throw new Error(`${folder}/close-codes: no page for ${missing.join(", ")}`);
  }
}

/**
 * Checks that every error, drop and treated close code has a page, and that no page is of another.
 * @param {import("./names.mjs").Name[]} names
 * @param {import("./definitions.mjs").Option[]} options
 * @returns {Map<string, string>} The pages of close codes, their index, and the guide with their rules.
 */
export function closeCodePages(names, options) {
  const of = (...kinds) => [
    ...new Set(names.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name)),
  ];
  checkPages("errors", of("event", "promise"), ["exceptions"]);
  checkPages("drops", of("drop"));
  const rules = readCloseRules();
  const pages = pagesIn("close-codes");
  checkCloseCodes(rules, pages);
  const seconds = (name) => options.find((one) => one.name === name).value / 1000;
  const files = new Map();
  const titles = new Map();
  for (const page of pages) {
    const file = `${folder}/close-codes/${page}.md`;
    const text = readFileSync(join(root, file), "utf8");
    titles.set(page, titleOf(text, page, file));
    files.set(file, fillIn(text, "close rule", sentences(rules, page, seconds), file));
  }
  const guide = "docs/guides/reconnecting.md";
  const text = readFileSync(join(root, guide), "utf8");
  files.set(guide, fillIn(text, "close rules", ruleTable(rules), guide));
  const index = `${folder}/close-codes.md`;
  files.set(index, withCloseRows(readFileSync(join(root, index), "utf8"), rules, titles));
  return files;
}
