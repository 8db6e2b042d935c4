// The search of the site: people type the key words of a question, and one of the first results leads
// to the answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { limitTests } from "../support/limit.mjs";
import { serveSite } from "./support.mjs";

// One page, and a question after the other.
limitTests(120_000);

/** A question, the words that are typed, and the pages that answer it: one of them is found. */
const questions = [
  {
    question: "How do I refresh a token?",
    words: "refresh token",
    answers: ["recipes/token-refresh", "guides/tokens"],
  },
  {
    question: "Why did my socket end with 4401?",
    words: "4401",
    answers: ["reference/close-codes/4401"],
  },
  {
    question: "How do I test my component?",
    words: "test component",
    answers: ["guides/testing"],
  },
  {
    question: "What is lost when the server dies?",
    words: "lost server dies",
    answers: ["guides/delivery"],
  },
  {
    question: "How large is it?",
    words: "size gzipped",
    answers: ["design/performance", "coming-from/comparison", "platforms/bundlers"],
  },
  {
    question: "Does it run in React Native?",
    words: "React Native",
    answers: ["platforms/react-native"],
  },
  {
    question: "How do I see what it is doing?",
    words: "debug log",
    answers: ["guides/debugging"],
  },
  {
    question: "What is the difference to partysocket?",
    words: "difference partysocket",
    answers: ["coming-from/partysocket", "coming-from/comparison"],
  },
  {
    question: "How do I send a protobuf from C++?",
    words: "protobuf C++",
    answers: ["recipes/protobuf"],
  },
  {
    question: "Where do I report a vulnerability?",
    words: "report vulnerability",
    answers: ["project/security"],
  },
];
const shown = 3;

/** The paths of the results, best first. */
const resultPaths = () =>
  Array.from(document.querySelectorAll(".VPLocalSearchBox a.result"), (one) => one.pathname);

test(`the search finds the answers to ten questions among the first ${shown} results`, async (t) => {
  const home = await serveSite(t);
  const tab = await chromium.open(t, home, { width: 1280, height: 900 });
  await tab.until(() => document.querySelector("#app")?.__vue_app__ !== undefined);
  await tab.click("button.DocSearch-Button");
  const missed = [];
  for (const { question, words, answers } of questions) {
    // The results of the question before are gone first: they change a while after the words.
    await tab.fill("#localsearch-input", "");
    await tab.seesNone(".VPLocalSearchBox .result");
    await tab.fill("#localsearch-input", words);
    await tab.sees(".VPLocalSearchBox .result");
    const found = await tab.evaluate(resultPaths);
    const pages = found
      .slice(0, shown)
      .map((path) => path.slice(new URL(home).pathname.length).replace(/\.html$/, ""));
    if (!pages.some((page) => answers.includes(page))) {
      missed.push(`${question} "${words}" found ${pages.join(", ")}`);
    }
  }
  await tab.screenshot("site-search.png");
  assert.deepEqual(missed, []);
});
