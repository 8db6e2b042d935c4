// The sidebars, made of the files themselves: a page that is added to a folder is listed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";

/**
 * `first` are the names of the pages that come first, in this order. The others follow by their titles.
 */
const sections = [
  {
    text: "Get started",
    folder: "start",
    first: ["javascript", "typescript", "react", "vue", "svelte", "cpp-quick-start", "cpp"],
  },
  {
    text: "Guides",
    folder: "guides",
    first: [
      "reconnecting",
      "heartbeat",
      "tokens",
      "sending",
      "receiving",
      "requests",
      "delivery",
      "sessions",
      "sessions-server",
      "closing",
      "debugging",
      "testing",
    ],
  },
  { text: "Recipes", folder: "recipes", first: ["token-refresh", "login-logout"] },
  {
    text: "Platforms",
    folder: "platforms",
    first: ["browsers", "bundlers", "node", "deno", "bun", "cloudflare-workers", "react-native"],
  },
  {
    text: "Coming from",
    folder: "coming-from",
    first: [
      "websocket",
      "reconnecting-websocket",
      "partysocket",
      "react-use-websocket",
      "socket-io",
    ],
  },
  {
    text: "Reference",
    folder: "reference",
    first: ["options", "methods", "events", "errors", "drops", "close-codes"],
    last: [
      { text: "TypeScript API", link: "/reference/typescript/" },
      { text: "C++ API", link: "/reference/cpp/" },
    ],
  },
  { text: "Design", folder: "design", first: ["architecture", "session-protocol"] },
  { text: "Demos", folder: "demos", first: ["chat", "chat-protocol", "game", "game-protocol"] },
  { text: "Project", folder: "project", first: ["changelog", "contributing", "security"] },
];

/** The title of a page, which is its first heading, without its markup. */
export function titleOf(text) {
  const [, title] = /^# (.+)$/m.exec(text) ?? fail("a page has no heading");
  return title.replaceAll(/[`\\]|\{#.*\}$/g, "").trim();
}

function fail(message) {
  throw new Error(message);
}

const isPage = (name) => name.endsWith(".md") && name !== "index.md";

/** The pages of a folder. One that has a folder of its name beside it has the pages of that below it. */
function itemsOf(pages, folder, first = []) {
  const path = join(pages, folder);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter(isPage);
  const items = names.map((file) => {
    const name = basename(file, ".md");
    const text = titleOf(readFileSync(join(path, file), "utf8"));
    const below = itemsOf(pages, posix.join(folder, name));
    const more = below.length > 0 ? { collapsed: true, items: below } : {};
    return { name, text, link: `/${posix.join(folder, name)}`, ...more };
  });
  const rank = ({ name }) => (first.includes(name) ? first.indexOf(name) : first.length);
  return items
    .toSorted((a, b) => rank(a) - rank(b) || a.text.localeCompare(b.text, "en", { numeric: true }))
    .map(({ name, ...item }) => item);
}

/** The section of a folder; it links to the folder's index.md, if there is one. */
function sectionOf(pages, { text, folder, first, last = [] }) {
  const index = join(pages, folder, "index.md");
  const overview = existsSync(index)
    ? [{ text: titleOf(readFileSync(index, "utf8")), link: `/${folder}/` }]
    : [];
  return { text, items: [...overview, ...itemsOf(pages, folder, first), ...last] };
}

const back = { text: "← Documentation", link: "/start/javascript" };

/** The pages of TypeDoc: an entry of the package, and its classes, functions and types. */
function typeScriptItems(pages) {
  const top = "reference/typescript/steadysocket";
  const path = join(pages, top);
  const kinds = ["classes", "functions", "interfaces", "type-aliases", "variables"];
  const membersOf = (folder) => kinds.flatMap((kind) => fileItems(pages, posix.join(folder, kind)));
  const entry = (text, folder, collapsed) => ({
    text,
    link: `/${folder}/`,
    collapsed,
    items: membersOf(folder),
  });
  const entries = readdirSync(path).filter((name) => existsSync(join(path, name, "index.md")));
  return [
    entry("steadysocket", top, false),
    ...entries.map((name) => entry(`steadysocket/${name}`, posix.join(top, name), true)),
  ];
}

/** One item a page, with its file's name. */
function fileItems(pages, folder) {
  const path = join(pages, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter(isPage)
    .map((file) => basename(file, ".md"))
    .map((name) => ({ text: name, link: `/${folder}/${name}` }));
}

/** The headers of each folder. */
function cppItems(pages) {
  const top = "reference/cpp/steady";
  const headers = (folder) =>
    fileItems(pages, folder).map(({ text, link }) => ({ text: `${text}.hpp`, link }));
  const folders = readdirSync(join(pages, top), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [
    { text: "steady/", items: headers(top) },
    ...folders.map(({ name }) => ({ text: `steady/${name}/`, items: headers(`${top}/${name}`) })),
  ];
}

/** @param {string} pages - the folder of the pages. */
export const sidebars = (pages) => ({
  "/reference/typescript/": [
    back,
    { text: "TypeScript API", link: "/reference/typescript/" },
    ...typeScriptItems(pages),
  ],
  "/reference/cpp/": [back, { text: "C++ API", link: "/reference/cpp/" }, ...cppItems(pages)],
  "/": sections.map((section) => sectionOf(pages, section)).filter(({ items }) => items.length > 0),
});
