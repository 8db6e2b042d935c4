// The vcpkg port and the Conan recipe, as far as they can be tested without vcpkg and Conan.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeWorkshop } from "./support.mjs";

const workshop = makeWorkshop("packaging");
const port = workshop.path("sources/packaging/vcpkg/ports/steadysocket");
const recipe = workshop.path("sources/packaging/conan");
const asVcpkg = fileURLToPath(new URL("./vcpkg.cmake", import.meta.url));

/** Runs the port, and resolves to the folder that vcpkg would install. */
async function runPort(name, wrapper = "") {
  const installed = workshop.path(name);
  const settings = [`-DPORT_FOLDER=${port}`, `-DCURRENT_PACKAGES_DIR=${installed}`];
  await workshop.run("cmake", ...settings, `-DWRAPPER=${wrapper}`, "-P", asVcpkg);
  return installed;
}

test("the Conan recipe's test program builds with a desktop install of the vcpkg port", async () => {
  const installed = await runPort("of vcpkg");
  assert.ok(existsSync(join(installed, "share/steadysocket/copyright")));
  const build = workshop.path("build of the program");
  const prefix = `-DCMAKE_PREFIX_PATH=${installed}`;
  await workshop.run("cmake", "-S", join(recipe, "test_package"), "-B", build, prefix);
  await workshop.run("cmake", "--build", build);
  assert.equal(await workshop.run(join(build, "example")), "");
});

test("a program for the web finds a web install of the vcpkg port", async () => {
  const installed = await runPort("of vcpkg for the web", "emcmake");
  const config = join(installed, "share/steadysocket");
  const found = { WAY: "find_package", COMPONENTS: "web", steadysocket_DIR: config };
  const { output } = await workshop.configure(found, ["emcmake"]);
  assert.match(output, /Generating done/);
});

test("the port and the recipe have the library's version and features", async () => {
  const cmake = readFileSync(workshop.path("sources/CMakeLists.txt"), "utf8");
  const version = /VERSION (\d+\.\d+\.\d+)/.exec(cmake)[1];
  const manifest = JSON.parse(readFileSync(join(port, "vcpkg.json"), "utf8"));
  const python = readFileSync(join(recipe, "conanfile.py"), "utf8");
  assert.equal(manifest["version-semver"], version);
  assert.equal(/^ {4}version = "(.*)"$/m.exec(python)[1], version);
  assert.deepEqual(Object.keys(manifest.features).toSorted(), ["json", "native"]);
});

test("the Conan recipe and its test compile as Python", async () => {
  const files = ["conanfile.py", "test_package/conanfile.py"].map((file) => join(recipe, file));
  assert.equal(await workshop.run("python3", "-m", "py_compile", ...files), "");
});
