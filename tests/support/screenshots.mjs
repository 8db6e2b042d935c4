// Where the pictures of pages go that tests take.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder, which is there; ends with a slash. */
export const screenshots = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));
mkdirSync(screenshots, { recursive: true });
