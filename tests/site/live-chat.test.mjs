// The live chat on the home page of the built site, in Chromium.
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { scenarios } from "./live-chat.mjs";
import { serveSite } from "./support.mjs";

/** All of the chat is in view: the menu at the top of the page covers nothing of it. */
const view = { width: 1280, height: 1000 };

for (const [title, play] of Object.entries(scenarios)) {
  test(`Live chat: ${title}`, async (t) => {
    await play(await chromium.open(t, await serveSite(t), view));
  });
}
