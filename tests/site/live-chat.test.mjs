// The live chat of the site, in Chromium. STEADYSOCKET_SITE_URL is a page with it.
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { scenarios } from "./live-chat.mjs";

const url = process.env.STEADYSOCKET_SITE_URL;

for (const [title, play] of Object.entries(scenarios)) {
  test(`Live chat: ${title}`, { skip: url === undefined }, async (t) => {
    await play(await chromium.open(t, url));
  });
}
