// npm run docs: builds the documentation site, with the API references of TypeScript and C++, in
// build/site/dist/. Fails if a public declaration has no comment, or a link is broken.
//
// STEADYSOCKET_SITE_BASE is the folder that the site is served from, such as /steadysocket/. Without it
// the site is served from the root of a server.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { moved } from "../site/pages.mjs";
import { build } from "./build.mjs";
import { root, run, step } from "./lib.mjs";
import { setup } from "./setup.mjs";

const site = join(root, "site");
const folder = join(root, "build/site");
const pages = join(folder, "pages");
const headers = ["sdk", "sdk/native", "sdk/testing", "sdk/web"]
  .map((part) => `${part}/include`)
  .filter((path) => existsSync(join(root, path)));

/** The base with a slash at both ends. */
const base = `/${process.env.STEADYSOCKET_SITE_BASE ?? ""}/`.replaceAll(/\/+/g, "/");

function copyPages() {
  rmSync(folder, { recursive: true, force: true });
  const docs = join(root, "docs");
  const hasOwnPage = (path) => !Object.hasOwn(moved, relative(root, path));
  cpSync(docs, pages, { recursive: true, filter: hasOwnPage });
  for (const [source, page] of Object.entries(moved)) {
    mkdirSync(dirname(join(pages, page)), { recursive: true });
    cpSync(join(root, source), join(pages, page));
  }
  mkdirSync(join(pages, "public"));
  cpSync(join(root, "demo/common/page/icon.svg"), join(pages, "public/icon.svg"));
}

function describeTypeScript() {
  const options = ["--options", join(site, "typedoc.json"), "--logLevel", "Warn"];
  run(process.execPath, [join(site, "node_modules/typedoc/bin/typedoc"), ...options]);
}

function describeCpp() {
  const settings = [
    "@INCLUDE = site/Doxyfile",
    `INPUT = ${headers.join(" ")} site/cpp-reference.md`,
    `STRIP_FROM_PATH = ${headers.join(" ")}`,
    `STRIP_FROM_INC_PATH = ${headers.join(" ")}`,
  ];
  mkdirSync(join(folder, "doxygen"));
  const input = settings.join("\n");
  run("doxygen", ["-"], { input, stdio: ["pipe", "inherit", "inherit"] });
  const [xml, target] = [join(folder, "doxygen/xml"), join(pages, "reference/cpp")];
  run(process.execPath, [join(site, "cpp-reference.mjs"), xml, target]);
}

await setup("build", "docs");
await build();
copyPages();
describeTypeScript();
describeCpp();
run(process.execPath, [join(site, "node_modules/vitepress/bin/vitepress.js"), "build", site], {
  env: { ...process.env, STEADYSOCKET_SITE_BASE: base },
});
// Read by tests/runner/prepare.mjs.
writeFileSync(join(folder, "base"), base);
step(`built the site. Serve the folder build/site/dist, and open ${base}`);
