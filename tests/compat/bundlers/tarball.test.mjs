// The tarball is reproducible, and every path in it points to one of its files.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { measureSizes, readSizes } from "../../../scripts/generate/sizes.mjs";
import { packageFiles, root } from "../../../scripts/lib.mjs";
import { slugify } from "../../../site/markdown.mjs";
import { consumerFolder } from "../../support/package.mjs";

/** The folder of the installed tarball. */
const folder = join(consumerFolder, "node_modules/steadysocket");
const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
const read = (name) => readFileSync(join(folder, name), "utf8");
const { exports, version } = JSON.parse(read("package.json"));

/** Copies the package to `project` and packs it there, under a umask; resolves to the SHA-512. */
async function packIn(project, umask) {
  mkdirSync(project, { recursive: true });
  const parts = [...packageFiles(), "scripts"];
  const shell = (script, ...args) =>
    promisify(execFile)("sh", ["-ec", `umask ${umask}; ${script}`, "sh", ...args], {
      cwd: project,
    });
  await shell('cd "$1" && shift && cp -R --parents "$@" "$OLDPWD"', root, ...parts);
  // All of npm's scripts except the build: dist/ is copied.
  await shell("npm pkg set scripts.build=exit");
  await shell("npm pack");
  const tarball = await readFile(join(project, `steadysocket-${version}.tgz`));
  return createHash("sha512").update(tarball).digest("hex");
}

test("the tarball is the same whatever the umask and the folder it is packed in", async (t) => {
  const place = mkdtempSync(join(tmpdir(), "steady socket "));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const open = await packIn(join(place, "open"), "002");
  assert.equal(await packIn(join(place, "private/and further down"), "077"), open);
  assert.equal(await packIn(join(place, "usual"), "022"), open);
});

test("no file in the tarball contains the path that it was built in", () => {
  const found = names.filter((name) => readFileSync(join(folder, name)).includes(root));
  assert.deepEqual(found, []);
});

test("every path in the exports of package.json points to a file in the tarball", () => {
  const paths = (value) =>
    typeof value === "string" ? [value] : Object.values(value).flatMap(paths);
  const exported = paths(exports);
  assert.ok(exported.length >= 8);
  assert.deepEqual(
    exported.filter((path) => !names.includes(path.replace("./", ""))),
    [],
  );
});

test("every import in a declaration points to a declaration in the tarball", () => {
  const declarations = names.filter((name) => name.endsWith(".d.ts"));
  const imports = declarations.flatMap((name) =>
    [...read(name).matchAll(/(?:\bfrom|\bimport\(|\bimport) ?"(\.[^"]+)"/g)].map(([, path]) =>
      join(dirname(name), path.replace(/\.js$/, ".d.ts")),
    ),
  );
  assert.ok(imports.length > 20);
  assert.deepEqual(
    imports.filter((name) => !names.includes(name)),
    [],
  );
});

/** The anchors that GitHub and npm generate for a page's headings. */
function anchorsOf(page) {
  const headings = page.replaceAll(/^```.*?^```/gms, "").matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, heading]) => slugify(heading));
}

test("every link in a page of the tarball points to one of its files and headings", () => {
  const broken = [];
  let count = 0;
  for (const name of names.filter((one) => one.endsWith(".md"))) {
    const prose = read(name).replaceAll(/^```.*?^```|`[^`\n]+`/gms, "");
    for (const [, link] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      count += 1;
      const [path, anchor] = link.split("#");
      const target = path === "" ? name : join(dirname(name), path);
      const isThere = names.includes(target);
      const hasAnchor =
        anchor === undefined || (isThere && anchorsOf(read(target)).includes(anchor));
      if (!isThere || !hasAnchor) broken.push(`${name}: ${link}`);
    }
  }
  assert.ok(count > 50);
  assert.deepEqual(broken, []);
});

test("the recorded sizes in the pages are within 2 % of the tarball's", () => {
  const measured = measureSizes(join(folder, "dist"));
  const recorded = readSizes();
  const off = Object.keys(measured).filter(
    (name) => !(Math.abs(measured[name] / recorded[name] - 1) <= 0.02),
  );
  assert.deepEqual(off, [], "run npm run generate -- --sizes");
});
