// The tarball: it does not depend on where it was made, and every path in it leads to a file in it.
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
import { consumerFolder } from "../../support/package.mjs";

/** The contents of the tarball, installed. */
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
  // Everything that npm runs, except the build: dist/ is copied.
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

test("no file of the tarball has the folder in it that it was built in", () => {
  const found = names.filter((name) => readFileSync(join(folder, name)).includes(root));
  assert.deepEqual(found, []);
});

test("every path in the exports of package.json leads to a file of the tarball", () => {
  const paths = (value) =>
    typeof value === "string" ? [value] : Object.values(value).flatMap(paths);
  const exported = paths(exports);
  assert.ok(exported.length >= 8);
  assert.deepEqual(
    exported.filter((path) => !names.includes(path.replace("./", ""))),
    [],
  );
});

test("every import of a declaration leads to a declaration of the tarball", () => {
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

/** The anchors that GitHub and npm give to the headings of a page. */
function anchorsOf(page) {
  const headings = page.replaceAll(/^```.*?^```/gms, "").matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every link in a page of the tarball leads to a file of it, and to a heading", () => {
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

test("the recorded sizes, which the pages name, are within 2 % of those of the tarball", () => {
  const measured = measureSizes(join(folder, "dist"));
  const recorded = readSizes();
  const off = Object.keys(measured).filter(
    (name) => !(Math.abs(measured[name] / recorded[name] - 1) <= 0.02),
  );
  assert.deepEqual(off, [], "npm run generate -- --sizes records them");
});
