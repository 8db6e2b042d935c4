// The three browser engines behind one interface, so that a test is written once:
//
//   for (const engine of engines) test(`${engine.name}: …`, async (t) => {
//     const tab = await engine.open(t, url);
//
// Their differences:
//
// | | Chromium | Firefox | WebKit |
// | --- | --- | --- | --- |
// | errors that fail a test | all, and warnings | all, and warnings | those after the page's load event, and none of a document that the page itself has left |
// | offline | also open connections, which are held, if they were made after the first setOffline() | new connections only | no, see canBeOffline |
// | lang | the page's header and navigator, not those of its workers | all | all; formats stay English |
// | "back" takes a page from the cache | yes | if it has no open WebSocket | yes |
// | document.hasFocus() | true | true | false: there is no window manager |
import { chromium } from "./chromium.mjs";
import { firefox } from "./firefox.mjs";
import { webkit } from "./webkit.mjs";

export const engines = [chromium, firefox, webkit];
