// The built site, as npm run docs makes it for a folder below the root of a server.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveFolder } from "../support/folder.mjs";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const base = readFileSync(join(root, "build/site/base"), "utf8");
export const dist = join(root, "build/site/dist");
/** The Markdown that the pages are made of. */
export const pages = join(root, "build/site/pages");

/** Serves the site until the test ends, and returns the address of its home page. */
export async function serveSite(t) {
  const origin = await serveFolder(t, dist);
  return new URL(base, origin).href;
}

/** The paths of the site's pages, from its root: `guides/sending.html`. */
export const htmlFiles = () =>
  readdirSync(join(dist, base), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".html"))
    .toSorted();
