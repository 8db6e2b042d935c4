// Checks the includes of the C++ sources: they have no cycle, and none points upward.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { root } from "./lib.mjs";

/** The header that requires C++20. */
const languageCheck = "sdk/include/steady/cpp20.hpp";

/** Headers of sdk/include that the kernel uses. They may only include each other. */
const leaves = [
  "close_code",
  "close_rule",
  "cpp20",
  "drop_reason",
  "error_code",
  "hint",
  "queue_options",
  "session_state",
  "state",
].map((name) => `sdk/include/steady/${name}.hpp`);

/** Bottom first. Folders in one layer do not include each other. */
const layers = [
  leaves,
  ["sdk/kernel/"],
  ["sdk/include/"],
  ["sdk/src/"],
  ["sdk/web/", "sdk/native/", "sdk/testing/"],
  ["bindings/"],
];

const searched = [
  "sdk/include",
  "sdk/web/include",
  "sdk/native/include",
  "sdk/testing/include",
  "bindings/include",
];

/** The number of the layer of a file, and its folder in it. */
function placeOf(file) {
  for (const [layer, folders] of layers.entries()) {
    const folder = folders.find((one) => file.startsWith(one));
    if (folder) return { layer, folder: layer === 0 ? "" : folder };
  }
  throw new Error(`${file} is in no layer of scripts/includes.mjs`);
}

/** The files of the project that a file includes. */
function includesOf(file) {
  const text = readFileSync(join(root, file), "utf8");
  return Array.from(text.matchAll(/^\s*#\s*include\s+(["<])([^">]+)[">]/gm), ([, quote, path]) => {
    const candidates = searched.map((folder) => `${folder}/${path}`);
    if (quote === '"') candidates.unshift(normalize(join(dirname(file), path)));
    return candidates.find((candidate) => existsSync(join(root, candidate)));
  }).filter((included) => included !== undefined);
}

/** A cycle of the graph, as a path from a file back to it; undefined if there is none. */
function findCycle(graph) {
  const done = new Set();
  const path = [];
  const visit = (file) => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const included of graph.get(file) ?? []) {
      const cycle = visit(included);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The public headers that declare names without a check of the language before. */
function findUnchecked(graph) {
  const isPublic = (file) => searched.some((folder) => file.startsWith(`${folder}/`));
  const headers = [...graph].filter(([file]) => isPublic(file) && file !== languageCheck);
  // Includes precede declarations, so it suffices that each chain of includes ends at the check.
  return headers.filter(([, includes]) => includes.length === 0).map(([file]) => file);
}

/** The faults of the includes of these files, a line each. */
export function checkIncludes(files) {
  const graph = new Map(files.map((file) => [file, includesOf(file)]));
  const faults = [];
  for (const [file, includes] of graph) {
    const from = placeOf(file);
    for (const included of includes) {
      const to = placeOf(included);
      const isUpward =
        to.layer > from.layer || (to.layer === from.layer && to.folder !== from.folder);
      if (isUpward) faults.push(`${file} must not include ${included}`);
    }
  }
  for (const file of findUnchecked(graph)) faults.push(`${file} must include ${languageCheck}`);
  const cycle = findCycle(graph);
  if (cycle) faults.push(`includes form a cycle: ${cycle.join(" -> ")}`);
  return faults;
}
