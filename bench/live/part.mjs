import { bundle } from "../bundle.mjs";
import { withServer } from "./start.mjs";

export async function measureLive(chromium) {
  chromium.serve("/live.js", await bundle("live/live.mjs"));
  const rows = await withServer((url) => chromium.run("/live.js", url));
  return [
    { title: "live on loopback, Chromium", unit: "messages per second", show: "value", rows },
  ];
}
