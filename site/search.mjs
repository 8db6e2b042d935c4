// Indexes pages for the search of the site, and ranks its results. Every declaration is in an API
// reference, so these pages would be found before every guide.
import { isGenerated } from "./pages.mjs";

/**
 * A page is indexed by its sections. Those of the API references are the declarations and their
 * members: not their lists of parameters, which have headings, too.
 */
export async function renderForSearch(text, env, md) {
  const html = await md.render(text, env);
  if (!isGenerated(env.relativePath)) return html;
  return html.replaceAll(/<(\/?)h[4-6]\b[^>]*>/g, "<$1p>");
}

/** Weights of pages that mention much and explain it elsewhere. */
const weights = [
  [/(^|\/)(index\.html)?(#|$)/, 0.4],
  [/\/project\/(changelog|contributing)/, 0.3],
  [/\/coming-from\/comparison/, 0.7],
  [/\/(design|demos)\//, 0.6],
];

/** The weight of a section. Its key is the path of its page, `#` and its anchor. */
export function boostDocument(key) {
  if (isGenerated(key)) return 0.35;
  return weights.find(([pattern]) => pattern.test(key))?.[1] ?? 1;
}
