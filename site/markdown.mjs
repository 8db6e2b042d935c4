// Plugins of markdown-it: links and anchors work in the site as they do on GitHub.
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { pageOf, sourceOf } from "./pages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** GitHub's anchor of a heading. */
export const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");

/**
 * The target of a link: a page of the site, from its root, or the file on GitHub if no page is made
 * of it. Returns the link itself if it is none to a file of the repository.
 * @param {string} link
 * @param {string} source - the file that has it.
 * @param {string} repository - the address of the repository.
 */
export function resolveLink(link, source, repository) {
  const [path, anchor] = link.split("#");
  if (path === "" || /^([a-z]+:|\/)/i.test(link)) return link;
  const file = posix.join(posix.dirname(source), decodeURI(path)).replace(/\/$/, "");
  const hash = anchor === undefined ? "" : `#${anchor}`;
  for (const candidate of [file, `${file}/index.md`]) {
    const page = pageOf(candidate);
    if (page !== undefined && existsSync(join(root, candidate))) return `/${page}${hash}`;
  }
  // VitePress reports it as a dead link.
  if (!existsSync(join(root, file))) return link;
  return `${repository}/blob/main/${file}${hash}`;
}

/** A plugin of markdown-it. VitePress's own rules see the links that it makes. */
export function repositoryLinks(md, repository) {
  md.core.ruler.push("repository_links", ({ tokens, env }) => {
    const source = sourceOf(env.relativePath);
    if (source === undefined) return;
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const link = token.type === "link_open" && token.attrGet("href");
        if (link) token.attrSet("href", resolveLink(link, source, repository));
      }
    }
  });
}

/** A plugin of markdown-it: a header cell without text is no header. */
export function emptyHeaders(md) {
  md.core.ruler.push("empty_headers", ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type !== "th_open" || tokens[index + 1].content !== "") continue;
      for (const one of [token, tokens[index + 2]]) one.tag = "td";
    }
  });
}
