// The picture of the README, docs/demos/chat.png: the chat's page before, while and after its server is
// killed. It is composed of the screenshots of the suite `story`.
//
//   npm test -- story && node scripts/picture.mjs
//
// The machine needs a font with Chinese characters, such as Debian's fonts-wqy-microhei.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { fail, root, step } from "./lib.mjs";
import { chromiumOptions } from "./tools.mjs";

const file = join(root, "docs/demos/chat.png");
const captions = {
  "chat-phone": "connected",
  "waiting-phone": "the server is killed; what is typed is queued",
  "back-phone": "the server is back: everything arrived, once and in order",
};

/** A screenshot with its caption. */
function figure([name, caption]) {
  const path = join(root, `build/screenshots/${name}.png`);
  if (!existsSync(path)) fail(`there is no screenshot ${name}: run npm test -- story`);
  const address = `data:image/png;base64,${readFileSync(path, "base64")}`;
  return `<figure><img src="${address}"><figcaption>${caption}</figcaption></figure>`;
}

const html = `<!doctype html><style>
  body { margin: 0; padding: 12px; display: flex; gap: 12px; background: #fff; font: 14px sans-serif }
  figure { margin: 0; width: 292px }
  img { width: 290px; border: 1px solid #bbb; border-radius: 8px }
  figcaption { padding: 6px 2px 0; color: #333 }
</style>${Object.entries(captions).map(figure).join("")}`;

const browser = await puppeteer.launch(chromiumOptions);
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 924, height: 640 });
  await page.setContent(html);
  const box = await page.$("body");
  await box.screenshot({ path: file });
} finally {
  await browser.close();
}
step("wrote docs/demos/chat.png");
