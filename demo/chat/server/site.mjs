// What the chat's page is made of.
import { packageFile, Site } from "../../common/site.mjs";

/**
 * @param {() => { status: string }} health What /healthz tells.
 * @param {import("pino").Logger} logger
 */
export function chatSite(health, logger) {
  const page = new URL("../page/", import.meta.url);
  return new Site({ page, files: { "/steadysocket.js": packageFile }, health, logger });
}
