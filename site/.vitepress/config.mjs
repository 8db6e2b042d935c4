// The site's configuration. scripts/docs.mjs makes the pages that it reads.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { emptyHeaders, repositoryLinks, slugify } from "../markdown.mjs";
import { addPolicy } from "../policy.mjs";
import { renderForSearch } from "../search.mjs";
import { sidebars } from "../sidebar.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const built = join(root, "build/site");
const pages = join(built, "pages");
const base = process.env.STEADYSOCKET_SITE_BASE ?? "/";
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const repository = manifest.repository.url.replace(/^git\+|\.git$/g, "");

/** The package's own entries: the site runs what this repository has built. */
const entries = Object.entries(manifest.exports)
  .filter(([, target]) => target.default !== undefined)
  .map(([name, target]) => ({
    find: new RegExp(`^${join(manifest.name, name)}$`),
    replacement: join(root, target.default),
  }));

const searchOptions = {
  miniSearch: {
    searchOptions: { fuzzy: 0.1, prefix: true, boost: { title: 4, titles: 2, text: 1 } },
  },
};
// Not enumerable: VitePress writes the functions that it sees into the pages, which would make them
// with `new Function`, which their policy forbids.
Object.defineProperty(searchOptions, "_render", { value: renderForSearch });

export default defineConfig({
  title: manifest.name,
  description: manifest.description,
  lang: "en",
  base,
  srcDir: pages,
  outDir: join(built, "dist", base),
  cacheDir: join(built, "cache"),
  // Any static server can serve the files.
  cleanUrls: false,
  metaChunk: true,
  head: [["link", { rel: "icon", href: `${base}icon.svg`, type: "image/svg+xml" }]],
  // Addresses of servers that a reader starts.
  ignoreDeadLinks: [/^https?:\/\/localhost/],
  markdown: {
    anchor: { slugify },
    config: (md) => md.use(repositoryLinks, repository).use(emptyHeaders),
    // With enough contrast for small text (WCAG AA).
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  transformHtml: addPolicy,
  vite: { resolve: { alias: entries } },
  themeConfig: {
    siteTitle: manifest.name,
    logo: "/icon.svg",
    nav: [
      { text: "Get started", link: "/start/javascript", activeMatch: "^/start/" },
      { text: "Guides", link: "/guides/reconnecting", activeMatch: "^/guides/" },
      { text: "Reference", link: "/reference/typescript/", activeMatch: "^/reference/" },
      { text: "Changelog", link: "/project/changelog" },
    ],
    sidebar: sidebars(pages),
    outline: { level: [2, 3], label: "On this page" },
    search: { provider: "local", options: searchOptions },
    socialLinks: [{ icon: "github", link: repository, ariaLabel: "Repository on GitHub" }],
    docFooter: { prev: "Previous", next: "Next" },
  },
});
