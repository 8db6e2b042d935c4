// Formats tables of results as text and as Markdown.

const unique = (values) => [...new Set(values)];

/** Three significant digits, or all digits of an integer. Strings are returned unchanged. */
function number(value) {
  if (typeof value === "string") return value;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(Number.isInteger(value) ? 0 : digits);
}

function cell(row, isBase, show) {
  if (row === undefined) return "";
  if (show === "ratio") return isBase ? number(row.value) : row.ratio.toFixed(2);
  const ratio = row.ratio === undefined || isBase ? "" : ` (${row.ratio.toFixed(2)})`;
  return number(row.value) + ratio;
}

/** The rows of a table, beginning with the header. */
function toCells({ rows, show, unit }) {
  const clients = unique(rows.map((row) => row.client));
  const lines = unique(rows.map((row) => row.line));
  const header = clients.map((client, i) =>
    show === "ratio" && i === 0 ? `${client}, ${unit}` : client,
  );
  return [
    ["", ...header],
    ...lines.map((line) => [
      line,
      ...clients.map((client, i) => {
        const row = rows.find((one) => one.line === line && one.client === client);
        return cell(row, i === 0, show);
      }),
    ]),
  ];
}

export function heading({ title, unit, show }) {
  const what = show === "ratio" ? "ratios to the first" : unit;
  return what ? `${title}: ${what}` : title;
}

export function toText(table) {
  const cells = toCells(table);
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const line = (row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join("  ");
  return `\n${heading(table)}\n${cells.map(line).join("\n")}\n`;
}

export function toMarkdown(table) {
  const [header, ...lines] = toCells(table);
  const row = (texts) => `| ${texts.join(" | ")} |`;
  const rule = header.map((_, i) => (i === 0 ? "---" : "---:"));
  return [`**${heading(table)}**`, "", ...[header, rule, ...lines].map(row)].join("\n");
}
