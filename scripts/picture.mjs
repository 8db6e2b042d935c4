// The pictures of the documentation, composed of the screenshots of tests: docs/demos/chat.png, the
// chat's page before, while and after its server is killed, and docs/demos/game.png, the game's page
// and its window on a desktop.
//
//   npm test -- story && node scripts/picture.mjs chat
//   npm test -- page/network page/desktop && node scripts/picture.mjs game
//
// For the chat, the machine needs a font with Chinese characters, such as Debian's
// fonts-wqy-microhei.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { fail, root, step } from "./lib.mjs";
import { chromiumOptions } from "./tools.mjs";

/** By name: the suite, the width of a screenshot in pixels, and the caption of each file. */
const pictures = {
  chat: {
    suite: "story",
    width: 290,
    captions: {
      "chat-phone.png": "connected",
      "waiting-phone.png": "the server is killed; what is typed is queued",
      "back-phone.png": "the server is back: everything arrived, once and in order",
    },
  },
  game: {
    suite: "page",
    width: 441,
    captions: {
      "game-latency.png": "the page, with 250 ms of latency",
      "game-desktop.bmp": "the same client in a window of SDL2",
    },
  },
};

/** A screenshot with its caption. */
function figure([file, caption], { suite, width }) {
  const path = join(root, "build/screenshots", file);
  if (!existsSync(path)) fail(`there is no screenshot ${file}: run npm test -- ${suite}`);
  const type = file.split(".").at(-1);
  const address = `data:image/${type};base64,${readFileSync(path, "base64")}`;
  const image = `<img src="${address}" width="${width}">`;
  return `<figure>${image}<figcaption>${caption}</figcaption></figure>`;
}

const name = process.argv[2] ?? "chat";
const picture = pictures[name] ?? fail(`there is no picture ${name}`);
const figures = Object.entries(picture.captions).map((one) => figure(one, picture));
const html = `<!doctype html><style>
  body { margin: 0; padding: 12px; display: flex; gap: 12px; background: #fff; font: 14px sans-serif }
  figure { margin: 0; width: ${picture.width + 2}px }
  img { border: 1px solid #bbb; border-radius: 8px }
  figcaption { padding: 6px 2px 0; color: #333 }
</style>${figures.join("")}`;

const browser = await puppeteer.launch(chromiumOptions);
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 924, height: 640 });
  await page.setContent(html);
  const box = await page.$("body");
  await box.screenshot({ path: join(root, `docs/demos/${name}.png`) });
} finally {
  await browser.close();
}
step(`wrote docs/demos/${name}.png`);
