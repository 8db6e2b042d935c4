// Which page of the site is made of which file of the repository.

/** Files that do not have the path of their page, with their pages. */
export const moved = {
  "site/index.md": "index.md",
  "sdk/README.md": "start/cpp-quick-start.md",
  "docs/architecture.md": "design/architecture.md",
  "CHANGELOG.md": "project/changelog.md",
  "CONTRIBUTING.md": "project/contributing.md",
  "SECURITY.md": "project/security.md",
};

const sources = new Map(Object.entries(moved).map(([source, page]) => [page, source]));

/** Whether a page is of an API reference. These are generated: there are many, all alike. */
export const isGenerated = (path) => /(^|\/)reference\/(typescript|cpp)\//.test(path);

/** The page that is made of a file; undefined if there is none. Both are paths from their roots. */
export function pageOf(source) {
  if (Object.hasOwn(moved, source)) return moved[source];
  return /^docs\/.*\.md$/.test(source) ? source.slice("docs/".length) : undefined;
}

/** The file that a page is made of; undefined for the API references, which are generated. */
export function sourceOf(page) {
  if (isGenerated(page)) return undefined;
  return sources.get(page) ?? `docs/${page}`;
}
