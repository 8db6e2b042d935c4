// Converts the XML that Doxygen makes of the public C++ headers to Markdown: one page a header, and an
// index. The title of a page is the path in its #include.
//
//   node site/cpp-reference.mjs XML-FOLDER PAGES-FOLDER
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { DOMParser } from "@xmldom/xmldom";

const [source, target] = process.argv.slice(2);

const isElement = (node) => node.nodeType === 1;
const elementsOf = (node, name) =>
  [...node.childNodes].filter((child) => isElement(child) && (!name || child.nodeName === name));
const childOf = (node, name) => elementsOf(node, name)[0];
const textOf = (node, name) => childOf(node, name)?.textContent.trim() ?? "";
const parse = (file) =>
  new DOMParser().parseFromString(readFileSync(join(source, file), "utf8"), "text/xml");

/** Doxygen's spaces inside of angle brackets and around `&` and `*`, as clang-format writes them. */
const tidy = (code) =>
  code
    .replaceAll(/\s+/g, " ")
    .replaceAll("< ", "<")
    .replaceAll(/ >/g, ">")
    .replaceAll(/ ([&*]+)(?=[\w,)>.]|$| )/g, "$1 ")
    .replaceAll(/([&*]) (?=[,)>])/g, "$1")
    .replaceAll(/(?<=\w)=(?=[\w{])/g, " = ")
    .trim();

const compounds = readdirSync(source)
  .filter((file) => /^(class|struct|namespace|concept)/.test(file) && file.endsWith(".xml"))
  .flatMap((file) => elementsOf(parse(file).documentElement, "compounddef"));

/** The place of a declaration: the header, the line, and the element. */
const locate = (element) => {
  const location = childOf(element, "location");
  return {
    element,
    file: location.getAttribute("file"),
    line: Number(location.getAttribute("line")),
  };
};
const isPublic = (element) => ["public", ""].includes(element.getAttribute("prot") ?? "");
const membersOf = (compound) =>
  elementsOf(compound, "sectiondef")
    .flatMap((section) => elementsOf(section, "memberdef"))
    .filter((member) => member.getAttribute("prot") !== "private")
    .filter((member) => member.getAttribute("kind") !== "friend");

const isNamespace = (compound) => compound.getAttribute("kind") === "namespace";
const declarations = [
  ...compounds.filter((compound) => !isNamespace(compound) && isPublic(compound)),
  ...compounds.filter(isNamespace).flatMap(membersOf),
].map(locate);

const headers = new Map();
for (const one of declarations.toSorted((a, b) => a.line - b.line)) {
  headers.set(one.file, [...(headers.get(one.file) ?? []), one.element]);
}

const isCompound = (element) => element.nodeName === "compounddef";
const nameOf = (element) =>
  isCompound(element) ? textOf(element, "compoundname") : textOf(element, "qualifiedname");
/** Without the namespace that all of them are in. */
const shortName = (element) => tidy(nameOf(element)).replace(/^steady::/, "");
/** Case is kept: a class may have a type `Sent` and a member `sent`. */
const toAnchor = (name) => name.replaceAll(/\W+/g, "-").replaceAll(/^-|-$/g, "");

/** Page and anchor of everything that a reference can name. */
const places = new Map();
for (const [file, elements] of headers) {
  for (const element of elements) {
    const anchor = toAnchor(shortName(element));
    places.set(element.getAttribute("id"), { file, anchor });
    for (const value of elementsOf(element, "enumvalue")) {
      places.set(value.getAttribute("id"), { file, anchor });
    }
    if (!isCompound(element)) continue;
    for (const member of membersOf(element)) {
      const name = textOf(member, "name");
      const own = { file, anchor: `${anchor}-${toAnchor(name) || "operator"}` };
      places.set(member.getAttribute("id"), own);
      for (const value of elementsOf(member, "enumvalue")) {
        places.set(value.getAttribute("id"), own);
      }
    }
  }
}

const pageOf = (file) => file.replace(/\.hpp$/, ".md");
const linkFrom = (page, { file, anchor }) => {
  const path = relative(dirname(page), pageOf(file));
  return `${path.startsWith(".") ? path : `./${path}`}#${anchor}`;
};

const escaped = (text) =>
  text
    .replaceAll(/[\\`*[\]<>{}|]|(?<!\w)_|_(?!\w)/g, (c) => `\\${c}`)
    .replaceAll("&", "&amp;")
    // Not a link: VitePress makes one of every address.
    .replaceAll("://", ":&#47;/");

/** Doxygen's markup as Markdown. `page` is where it is written. */
function inline(node, page) {
  return [...node.childNodes].map((child) => inlineOne(child, page)).join("");
}

function inlineOne(node, page) {
  if (!isElement(node)) return escaped(node.nodeValue ?? "");
  switch (node.nodeName) {
    case "ref": {
      const place = places.get(node.getAttribute("refid"));
      const name = `\`${node.textContent}\``;
      return place ? `[${name}](${linkFrom(page, place)})` : name;
    }
    case "computeroutput":
      return `\`${node.textContent}\``;
    case "bold":
      return `**${inline(node, page)}**`;
    case "emphasis":
      return `*${inline(node, page)}*`;
    case "ulink":
      // Doxygen also takes a pattern such as http://host:port for an address.
      if (!URL.canParse(node.getAttribute("url"))) return `\`${node.textContent}\``;
      return `[${inline(node, page)}](${node.getAttribute("url")})`;
    case "anchor":
      return "";
    case "ndash":
      return "–";
    case "mdash":
      return "—";
    case "linebreak":
      return "\n";
    case "para":
      return inline(node, page);
    default:
      throw new Error(`unknown element in a comment: ${node.nodeName}: ${node.textContent}`);
  }
}

const blockNames = [
  "table",
  "verbatim",
  "itemizedlist",
  "orderedlist",
  "programlisting",
  "simplesect",
];

/** The blocks of a description, separated by empty lines. */
function blocks(node, page) {
  if (node === undefined) return [];
  const all = [];
  let line = "";
  const endLine = () => {
    if (line.trim() !== "") all.push(line.trim());
    line = "";
  };
  for (const child of node.childNodes) {
    if (isElement(child) && child.nodeName === "para") {
      endLine();
      all.push(...blocks(child, page));
    } else if (isElement(child) && blockNames.includes(child.nodeName)) {
      endLine();
      all.push(block(child, page));
    } else {
      line += inlineOne(child, page);
    }
  }
  endLine();
  return all;
}

/** A row that has nothing in its first cell continues the one before. */
function joined(rows) {
  const all = [];
  for (const row of rows) {
    const last = all.at(-1);
    if (row[0] !== "" || last === undefined) all.push(row);
    else all[all.length - 1] = last.map((cell, index) => `${cell} ${row[index]}`.trim());
  }
  return all;
}

function block(node, page) {
  const items = () => elementsOf(node, "listitem").map((item) => blocks(item, page).join(" "));
  switch (node.nodeName) {
    case "table": {
      const rows = elementsOf(node, "row").map((row) =>
        elementsOf(row, "entry").map((entry) => blocks(entry, page).join(" ")),
      );
      const [head, ...rest] = joined(rows).map((cells) => `| ${cells.join(" | ")} |`);
      return [head, `|${" --- |".repeat(rows[0].length)}`, ...rest].join("\n");
    }
    case "itemizedlist":
      return items()
        .map((item) => `- ${item}`)
        .join("\n");
    case "orderedlist":
      return items()
        .map((item, index) => `${index + 1}. ${item}`)
        .join("\n");
    case "verbatim":
      return `\`\`\`\n${node.textContent.trim()}\n\`\`\``;
    case "programlisting":
      return `\`\`\`cpp\n${elementsOf(node, "codeline")
        .map((line) => line.textContent)
        .join("\n")}\n\`\`\``;
    case "simplesect":
      return blocks(node, page).join("\n\n");
    default:
      throw new Error(`unknown block in a comment: ${node.nodeName}`);
  }
}

const isText = (block) => !/^([|`-]|\d+\. )/.test(block);

/** Doxygen takes the first sentence of a paragraph as the brief description. */
function describe(element, page) {
  const brief = blocks(childOf(element, "briefdescription"), page);
  const [first, ...rest] = blocks(childOf(element, "detaileddescription"), page);
  if (first === undefined) return brief;
  if (brief.length === 0 || !isText(first)) return [...brief, first, ...rest];
  return [...brief.slice(0, -1), `${brief.at(-1)} ${first}`, ...rest];
}

const templateOf = (element) => {
  const list = childOf(element, "templateparamlist");
  if (list === undefined) return "";
  const parameters = elementsOf(list, "param").map((parameter) =>
    [tidy(textOf(parameter, "type")), textOf(parameter, "declname")].filter(Boolean).join(" "),
  );
  return `template <${parameters.join(", ")}>\n`;
};

/** The declaration of a member or of a name in a namespace, as its header has it. */
function signature(member) {
  const name = textOf(member, "name");
  const type = tidy(textOf(member, "type"));
  const initializer = tidy(textOf(member, "initializer"));
  switch (member.getAttribute("kind")) {
    case "enum":
      return `enum class ${name}${type ? ` : ${type}` : ""}`;
    case "typedef":
      return `using ${name} = ${type}${textOf(member, "argsstring")};`;
    case "variable": {
      const mark = member.getAttribute("static") === "yes" && !type.includes("static");
      const value = initializer.startsWith("=") ? ` ${initializer}` : initializer;
      return `${mark ? "static " : ""}${type} ${name}${textOf(member, "argsstring")}${value};`;
    }
    default: {
      const marks = [
        member.getAttribute("static") === "yes" && !type.includes("static") && "static",
        member.getAttribute("explicit") === "yes" && "explicit",
        ["virtual", "pure-virtual"].includes(member.getAttribute("virt")) && "virtual",
      ].filter(Boolean);
      const rest = tidy(textOf(member, "argsstring")).replace(/ ?=0$/, " = 0");
      const requires = textOf(member, "requiresclause");
      const head = [...marks, type, `${name}${rest}`].filter(Boolean).join(" ");
      return `${templateOf(member)}${head}${requires ? `\n  requires ${tidy(requires)}` : ""};`;
    }
  }
}

/** The members of an enumeration, as a table. */
function enumerators(member, page) {
  const rows = elementsOf(member, "enumvalue").map((value) => {
    const words = describe(value, page).join(" ");
    const number = textOf(value, "initializer");
    return `| \`${textOf(value, "name")}${number ? ` ${number}` : ""}\` | ${words} |`;
  });
  return ["| value | meaning |\n| --- | --- |", ...rows].join("\n");
}

const code = (text) => `\`\`\`cpp\n${text}\n\`\`\``;

function describeMember(member, page) {
  const isEnum = member.getAttribute("kind") === "enum";
  return [
    code(signature(member)),
    ...describe(member, page),
    ...(isEnum ? [enumerators(member, page)] : []),
  ];
}

const isDeleted = (member) => /= ?delete$/.test(textOf(member, "argsstring"));
const isDefaulted = (member) => /= ?default$/.test(textOf(member, "argsstring"));

/** A class, with its members in the order of the header. Overloads share a heading. */
function describeClass(compound, page) {
  const bases = elementsOf(compound, "basecompoundref").map((base) => base.textContent.trim());
  const kind = compound.getAttribute("kind");
  const head =
    kind === "concept"
      ? tidyConcept(textOf(compound, "initializer"))
      : `${templateOf(compound)}${kind} ${shortName(compound).split("::").at(-1)}${
          bases.length > 0 ? ` : public ${bases.join(", public ")}` : ""
        };`;
  const lines = [code(head), ...describe(compound, page)];
  const groups = new Map();
  for (const member of membersOf(compound)) {
    if (isDeleted(member) || isDefaulted(member)) continue;
    if (describe(member, page).length === 0 && member.getAttribute("kind") === "function") {
      // Destructors and operators, which need no documentation, have none.
      if (/^(~|operator)/.test(textOf(member, "name"))) continue;
    }
    const place = places.get(member.getAttribute("id"));
    groups.set(place.anchor, [...(groups.get(place.anchor) ?? []), member]);
  }
  for (const [anchor, members] of groups) {
    lines.push(`### ${escaped(textOf(members[0], "name"))} {#${anchor}}`);
    for (const member of members) lines.push(...describeMember(member, page));
  }
  return lines;
}

const tidyConcept = (text) => text.trim().replaceAll("steady::", "").replace("=  ", "= ");

rmSync(target, { recursive: true, force: true });
for (const [file, elements] of headers) {
  const page = pageOf(file);
  const lines = [`# ${file}`, code(`#include <${file}>`)];
  const seen = new Set();
  for (const element of elements) {
    const { anchor } = places.get(element.getAttribute("id"));
    // Overloads of a function share a heading, too.
    if (!seen.has(anchor)) lines.push(`## ${escaped(shortName(element))} {#${anchor}}`);
    seen.add(anchor);
    lines.push(...(isCompound(element) ? describeClass : describeMember)(element, page));
  }
  mkdirSync(join(target, dirname(page)), { recursive: true });
  writeFileSync(join(target, page), `${lines.join("\n\n")}\n`);
}

const [main] = elementsOf(parse("indexpage.xml").documentElement, "compounddef");
const lists = [...headers.keys()].toSorted().map((file) => {
  const names = headers
    .get(file)
    .filter((element) => isCompound(element) || element.getAttribute("kind") === "enum")
    .map((element) => {
      const place = places.get(element.getAttribute("id"));
      return `[${escaped(shortName(element))}](${linkFrom("index.md", place)})`;
    });
  const words = names.length > 0 ? `: ${names.join(", ")}` : "";
  return `- [\`${file}\`](./${pageOf(file)})${words}`;
});
const index = ["# C++ API", ...blocks(childOf(main, "detaileddescription"), "index.md")];
writeFileSync(
  join(target, "index.md"),
  `${[...index, "## Headers", lists.join("\n")].join("\n\n")}\n`,
);
