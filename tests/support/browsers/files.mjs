// The programs that tests drive: the one place that knows where they are.
import { chromiumOptions, firefoxFile as firefox } from "../../../scripts/lib.mjs";

export { chromiumOptions };
export const firefoxFile = () => firefox;
export const webkitDriverFile = () => "WebKitWebDriver";
export const xvfbFile = () => "Xvfb";
