// The references of the site's pages: every link leads to a page, and nothing is loaded from other
// sites. VitePress checks links between pages, but neither anchors nor its own menus.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { base, dist, htmlFiles } from "./support.mjs";

const origin = "http://site.invalid";
const withoutEntities = (text) =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

const documents = new Map(
  htmlFiles().map((name) => {
    const html = readFileSync(join(dist, base, name), "utf8");
    return [`${base}${name}`, html];
  }),
);
const attributesOf = (html, pattern) =>
  Array.from(html.matchAll(pattern), ([, value]) => withoutEntities(value));
const idsOf = new Map(
  Array.from(documents, ([path, html]) => [
    path,
    new Set(attributesOf(html, /<[^>]*?\sid="([^"]*)"/g)),
  ]),
);

/** The fault of a link of a page; undefined if it has none. */
function faultOf(link, path) {
  const url = new URL(link, `${origin}${path}`);
  if (url.origin !== origin) return undefined;
  if (!url.pathname.startsWith(base)) return "leads out of the site";
  const file = url.pathname.endsWith("/") ? `${url.pathname}index.html` : url.pathname;
  if (!documents.has(file)) {
    return existsSync(join(dist, decodeURI(file))) ? undefined : "leads nowhere";
  }
  const anchor = decodeURIComponent(url.hash.slice(1));
  return anchor === "" || idsOf.get(file).has(anchor) ? undefined : "has no such anchor";
}

test("every link in the site, in pages and menus, leads to a page and an anchor", () => {
  assert.ok(documents.size > 20, `${documents.size} pages`);
  const faults = new Set();
  for (const [path, html] of documents) {
    for (const link of attributesOf(html, /<a\s[^>]*?href="([^"]*)"/g)) {
      const fault = faultOf(link, path);
      if (fault) faults.add(`${path}: ${link} ${fault}`);
    }
  }
  assert.deepEqual([...faults], []);
});

test("no page names a script, a style, an image or a font of another site", () => {
  const faults = [];
  for (const [path, html] of documents) {
    const loaded = [
      ...attributesOf(html, /<(?:script|img|iframe|source)\s[^>]*?src="([^"]*)"/g),
      ...attributesOf(html, /<link\s[^>]*?href="([^"]*)"/g),
    ];
    for (const link of loaded) {
      const { origin: where, protocol } = new URL(link, `${origin}${path}`);
      if (where !== origin && protocol !== "data:") faults.push(`${path}: ${link}`);
    }
  }
  assert.deepEqual(faults, []);
});

test("every page has a policy that allows its own files and its inline scripts only", () => {
  for (const [path, html] of documents) {
    const [, policy] =
      /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html) ?? [];
    assert.match(policy ?? "", /^default-src 'none'; /, path);
    const [, sources] = /script-src ([^;]*)/.exec(policy);
    assert.match(sources, /^'self' 'wasm-unsafe-eval'( 'sha256-[\w+/=]+')*$/, path);
    assert.match(policy, /connect-src 'self'/, path);
  }
});
