// The files of the chat's page.
import { packageFile, Site } from "../../common/site.mjs";

/**
 * @param {() => { status: string }} health The response of /healthz.
 * @param {import("pino").Logger} logger
 */
export function chatSite(health, logger) {
  const page = new URL("../page/", import.meta.url);
  return new Site({ page, files: { "/steadysocket.js": packageFile }, health, logger });
}
