// What the search of the site indexes, and what it finds first.

/** The API references: every declaration is in them, so they would be found before every guide. */
const isGenerated = (path) => /(^|\/)reference\/(typescript|cpp)\//.test(path);

/**
 * A page is indexed by its sections. Those of the API references are the declarations and their
 * members: not their lists of parameters, which have headings, too.
 */
export async function renderForSearch(text, env, md) {
  const html = await md.render(text, env);
  if (!isGenerated(env.relativePath)) return html;
  return html.replaceAll(/<(\/?)h[4-6]\b[^>]*>/g, "<$1p>");
}

/** The weight of a section. Its key begins with the path of its page. */
export function boostDocument(key) {
  if (isGenerated(key)) return 0.35;
  if (/\/project\/(changelog|contributing)/.test(key)) return 0.3;
  return /\/(design|demos)\//.test(key) ? 0.6 : 1;
}
