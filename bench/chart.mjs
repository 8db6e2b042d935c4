// Compares docs/design/performance.svg, and the tables between the markers of
// docs/design/performance.md, with bench/results.json; with --write, writes them.
//
//   node bench/chart.mjs [--write]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, root, step } from "../scripts/lib.mjs";
import { fillIn } from "../scripts/marks.mjs";
import { toMarkdown } from "./report.mjs";

const width = 860;
const left = 190;
const right = 90;
const bar = 20;
const colours = { steadysocket: "#1f6f54", "steadysocket, batching": "#1f6f54", raw: "#5f6b7a" };
const otherColour = "#a9b4c0";

const panels = [
  { title: "live on loopback, Chromium", line: "receive 60 B" },
  { title: "live on loopback, Chromium", line: "send 60 B" },
  { title: "receive, stubbed, Chromium", line: "60 B" },
  { title: "send, stubbed, Chromium", line: "60 B" },
  { title: "first open on loopback, Chromium", line: "import to open" },
  { title: "size of the libraries", line: "gzip -9" },
];

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (content) => content.replace(/[&<>"]/g, (character) => escapes[character]);
const text = (x, y, content, attributes = "") =>
  `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;

function label(row, show) {
  if (show === "ratio") return row.ratio.toFixed(2);
  return Number(row.value.toFixed(row.value < 100 ? 1 : 0)).toLocaleString("en-US");
}

/** Bars from zero, proportional to their values. */
function panel({ title, line }, tables, top) {
  const table = tables.find((one) => one.title === title);
  const rows = table?.rows.filter((row) => row.line === line) ?? [];
  if (rows.length === 0) fail(`results.json has no "${title}", "${line}"`);
  const length = (row) => (table.show === "ratio" ? row.ratio : row.value);
  const longest = Math.max(...rows.map(length));
  const unit = table.show === "ratio" ? "time per message, raw is 1" : table.unit;
  const parts = [
    text(20, top + 18, `${title}: ${line}`, 'class="title"'),
    text(width - 20, top + 18, unit, 'class="unit" text-anchor="end"'),
  ];
  rows.forEach((row, i) => {
    const y = top + 32 + i * (bar + 4);
    const long = Math.max(1, (length(row) / longest) * (width - left - right)).toFixed(1);
    const fill = colours[row.client] ?? otherColour;
    parts.push(
      text(left - 8, y + 15, row.client, 'text-anchor="end"'),
      `<rect x="${left}" y="${y}" width="${long}" height="${bar}" rx="2" fill="${fill}"/>`,
      text(left + Number(long) + 6, y + 15, label(row, table.show)),
    );
  });
  return { svg: parts.join("\n"), bottom: top + 32 + rows.length * (bar + 4) + 18 };
}

function chart({ machine, versions, date }, tables) {
  let top = 14;
  const drawn = panels.map((one) => {
    const { svg, bottom } = panel(one, tables, top);
    top = bottom;
    return svg;
  });
  const foot = `${machine}; Chromium ${versions.Chromium}; ${date.slice(0, 10)}`;
  const height = top + 24;
  // Has its own background, because it is shown on light and on dark pages.
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Part of what npm run bench measured; the numbers are in docs/design/performance.md">
<style>
text { font: 13px system-ui, sans-serif; fill: #1c2630; }
.title { font-weight: 600; }
.unit, .foot { font-size: 12px; fill: #55606c; }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#fbfcfd" stroke="#ccd4dc"/>
${drawn.join("\n")}
${text(20, top + 8, foot, 'class="foot"')}
</svg>
`;
}

const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));
const results = read("bench/results.json");
const tables = [...results.tables, ...read("bench/compare/results.json").tables];
const page = "docs/design/performance.md";
const versions = Object.entries(results.versions).map((one) => one.join(" "));
const run = `Measured on ${results.date.slice(0, 10)}: ${results.machine}; ${versions.join(", ")}.`;
let document = fillIn(readFileSync(join(root, page), "utf8"), "bench:run", `\n${run}\n`, page);
for (const part of new Set(results.tables.map((table) => table.part))) {
  const tables = results.tables.filter((table) => table.part === part);
  const content = tables.map(toMarkdown).join("\n\n");
  document = fillIn(document, `bench:${part}`, `\n${content}\n`, page);
}
const files = [
  [page, document],
  ["docs/design/performance.svg", chart(results, tables)],
];
for (const [file, content] of files) {
  if (readFileSync(join(root, file), "utf8") === content) continue;
  if (!process.argv.includes("--write")) {
    fail(`${file} does not show bench/results.json: node bench/chart.mjs --write`);
  }
  writeFileSync(join(root, file), content);
  step(`wrote ${file}`);
}
