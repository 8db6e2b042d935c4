// The words that prose, comments and titles of tests do not use: CONTRIBUTING.md, "Words we do not
// use". `node scripts/words.mjs [FILE...]` checks alone.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, listFiles, root } from "./lib.mjs";

/** Contain the words as a subject or as names of a protocol, or are generated. */
const exempt = [
  "scripts/words.mjs",
  /\.gen\.\w+$/,
  "sdk/kernel/settings.hpp",
  "sdk/kernel/texts.hpp",
  "bindings/shared.js",
];

/** @type {[RegExp, string][]} What is matched, and what to write. */
const words = [
  [/\b(?:tells?|told|telling)\b/gi, "notify, report, return or dispatch"],
  [/\b(?:hears?|heard|hearing)\b/gi, "receive, is notified or listens"],
  [
    /\ba text\b(?! (?:frame|message|node|editor|field|file|format|input|box|area|opcode))/gi,
    "a string or a message",
  ],
  [/\bwho(?:so)?ever\b/gi, "clients that, callers that or code that"],
  [/\bas of\b(?! (?:now|version|today|\d|[A-Z]\w* \d))/g, "same as"],
  [/^As of\b(?! (?:now|version|today|\d|[A-Z]\w* \d))/gm, "same as"],
  [/\bin vain\b/gi, "without effect or failed"],
  [/\b(?:is|are|was|were) to be (?:had|reached)\b/gi, "is available or is reachable"],
  [/\bmay be had\b/gi, "is available"],
  [/\b(?:what (?:became|becomes|has become) of)\b/gi, "the outcome of"],
  [/\bit is over\b/gi, "has ended or is closed"],
  [/\bask(?:s|ed|ing)? afresh\b/gi, "request again"],
  [/\b(?:nobody|somebody|anybody)\b/gi, "no client, a listener or a user"],
];

/** The first word of a comment. */
const opening = /^(?:what|who|whose|how(?! (?:many|long|often))|where)\b(?!.*\?)/i;
const openingAdvice = "the noun: The ..., Returns ... or If ...";

/** The parts of a page that are prose: no code, no inline code, no addresses of links. */
function proseOf(page) {
  const blank = (text) => text.replaceAll(/[^\n]/g, " ");
  return page
    .replaceAll(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1\2[^\n]*$/gm, blank)
    .replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, blank)
    .replaceAll(/\]\([^)\n]*\)/g, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank);
}

/**
 * Comments, strings that end at their line or hold a regular expression's quotes, and titles. A
 * scanner of a few rules: a string is skipped as a whole, so that its `//` begins no comment.
 */
const tokens =
  /\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*(?:\n[ \t]*(?=\/\/))?)+|<!--[\s\S]*?-->|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:;!&|?{}[]\s*|return )\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//g;
const titleCall = /\b(?:TEST_CASE|SECTION|SCENARIO|test|it|describe|step)\(\s*$/;

/** The comments and the titles of tests of a source file: `[index, text, isComment]`. */
function* proseIn(source) {
  for (const match of source.matchAll(tokens)) {
    const [token] = match;
    if (/^(?:\/[/*]|<!--)/.test(token)) {
      // Code in a comment is quoted in backticks; names of files and members are no prose.
      const text = token
        .replaceAll(/`[^`\n]*`|@type \{.*|@import .*/g, (code) => " ".repeat(code.length))
        .replaceAll(/(?<=^|\n)[ \t]*(?:\/\*+|\/{2,}|\*(?!\/)|<!--)/g, (mark) =>
          " ".repeat(mark.length),
        );
      yield [match.index, text, true];
    } else if (titleCall.test(source.slice(Math.max(0, match.index - 60), match.index))) {
      yield [match.index, token, false];
    }
  }
}

/** The faults of one file, as lines. */
export function faultsIn(file, content) {
  const faults = [];
  const report = (index, found, advice) => {
    const line = content.slice(0, index).split("\n").length;
    faults.push(`${file}:${line}: "${found}": write ${advice}`);
  };
  const checkWords = (start, text) => {
    for (const [pattern, advice] of words) {
      for (const match of text.matchAll(pattern)) report(start + match.index, match[0], advice);
    }
  };
  if (file.endsWith(".md")) {
    checkWords(0, proseOf(content));
    return faults;
  }
  for (const [index, text, isComment] of proseIn(content)) {
    checkWords(index, text);
    const first = /[^\s]/.exec(text)?.index ?? 0;
    const word = isComment && opening.exec(text.slice(first));
    if (word) report(index + first, word[0], openingAdvice);
  }
  return faults;
}

const isExempt = (file) =>
  exempt.some((one) => (typeof one === "string" ? one === file : one.test(file)));

/** The faults of all checked files. */
export function checkWords(
  files = listFiles(
    "docs/**/*.md",
    ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "sdk/README.md"],
    ...["*.mjs", "*.js", "*.ts", "*.tsx", "*.cpp", "*.hpp", "*.vue", "*.html"],
  ),
) {
  return files
    .filter((file) => !isExempt(file))
    .flatMap((file) => faultsIn(file, readFileSync(join(root, file), "utf8")));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  const faults = checkWords(files.length > 0 ? files : undefined);
  if (faults.length > 0) fail(`words:\n  ${faults.join("\n  ")}`);
}
