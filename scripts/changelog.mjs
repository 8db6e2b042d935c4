// npm run changelog -- VERSION: prints the section of CHANGELOG.md for that version, for a release.
// VERSION may be a tag (v1.2.3), and must be the version in package.json.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, readManifest, root } from "./lib.mjs";

const [given] = process.argv.slice(2);
if (given === undefined) fail("usage: npm run changelog -- VERSION");
const wanted = given.replace(/^v/, "");
const { version } = readManifest();
if (wanted !== version) fail(`package.json has version ${version}, not ${wanted}`);

const sections = readFileSync(join(root, "CHANGELOG.md"), "utf8").split(/^## /m).slice(1);
const section = sections.find((text) => /^\S+/.exec(text)[0] === version);
const entries = section?.slice(section.indexOf("\n")).trim();
if (!entries) fail(`CHANGELOG.md has no entries for version ${version}`);
console.log(entries);
