// The vcpkg port and the Conan recipe, as far as they can be tested without vcpkg and Conan.
import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readManifest, root } from "../../scripts/lib.mjs";
import { makeWorkshop } from "./support.mjs";

const workshop = makeWorkshop("packaging");
const port = workshop.path("sources/packaging/vcpkg/ports/steadysocket");
const recipe = workshop.path("sources/packaging/conan");
const asVcpkg = fileURLToPath(new URL("./vcpkg.cmake", import.meta.url));
const asConan = fileURLToPath(new URL("./recipe.py", import.meta.url));

/** Runs the port as vcpkg would, with `name` as the folder to install to. Resolves to the output. */
function runPort(name, folder = port, ...settings) {
  const places = [`-DPORT_FOLDER=${folder}`, `-DCURRENT_PACKAGES_DIR=${workshop.path(name)}`];
  return workshop.run("cmake", ...places, ...settings, "-P", asVcpkg);
}

/** Evaluates the recipe for an operating system of Conan's settings. */
async function readRecipe(system) {
  return JSON.parse(await workshop.run("python3", asConan, join(recipe, "conanfile.py"), system));
}

test("the Conan recipe's test program builds with a desktop install of the vcpkg port", async () => {
  await runPort("of vcpkg");
  const installed = workshop.path("of vcpkg");
  assert.ok(existsSync(join(installed, "share/steadysocket/copyright")));
  const build = workshop.path("build of the program");
  const prefix = `-DCMAKE_PREFIX_PATH=${installed}`;
  await workshop.run("cmake", "-S", join(recipe, "test_package"), "-B", build, prefix);
  await workshop.run("cmake", "--build", build);
  assert.equal(await workshop.run(join(build, "example")), "");
});

test("a program for the web finds a web install of the vcpkg port", async () => {
  await runPort("of vcpkg for the web", port, "-DWRAPPER=emcmake");
  const config = workshop.path("of vcpkg for the web/share/steadysocket");
  const found = { WAY: "find_package", COMPONENTS: "web", steadysocket_DIR: config };
  const { output } = await workshop.configure(found, ["emcmake"]);
  assert.match(output, /Generating done/);
});

test("a copy of the vcpkg port in a registry downloads the release of its version", async () => {
  const registry = workshop.path("registry/ports/steadysocket");
  cpSync(port, registry, { recursive: true });
  const settings = [`-DRELEASE=${workshop.path("sources")}`, "-DWRAPPER=emcmake"];
  const output = await runPort("of a registry", registry, ...settings);
  const { version } = readManifest();
  assert.match(output, new RegExp(`downloads steadysocket/steadysocket v${version}\n`));
  assert.ok(existsSync(workshop.path("of a registry/share/steadysocket/copyright")));
});

test("the port and the recipe have the library's version, address, license and features", async () => {
  const cmake = readFileSync(workshop.path("sources/CMakeLists.txt"), "utf8");
  const version = /VERSION (\d+\.\d+\.\d+)/.exec(cmake)[1];
  const { license, repository } = readManifest();
  const address = /https.*(?=\.git$)/.exec(repository.url)[0];
  const manifest = JSON.parse(readFileSync(join(port, "vcpkg.json"), "utf8"));
  const conan = await readRecipe("Linux");
  assert.equal(manifest["version-semver"], version);
  assert.equal(conan.version, version);
  assert.deepEqual([manifest.license, conan.license], [license, license]);
  assert.deepEqual([manifest.homepage, conan.homepage, conan.url], Array(3).fill(address));
  const page = manifest.documentation.replace(`${address}/blob/main/`, "");
  assert.ok(existsSync(join(root, page)), manifest.documentation);
  assert.deepEqual(Object.keys(manifest.features).toSorted(), ["json", "native"]);
});

test("the Conan recipe requires headers of Boost and OpenSSL, and on the web neither", async () => {
  const desktop = await readRecipe("Linux");
  assert.equal(desktop.default_options["boost/*:header_only"], true);
  const names = ({ required }) => required.map((reference) => reference.split("/")[0]);
  assert.deepEqual(names(desktop), ["nlohmann_json", "boost", "openssl"]);
  assert.deepEqual(names(await readRecipe("Emscripten")), ["nlohmann_json"]);
});

test("the Conan recipe, its test and Emscripten's port compile as Python", async () => {
  const conan = ["conanfile.py", "test_package/conanfile.py"].map((file) => join(recipe, file));
  const files = [...conan, workshop.path("sources/packaging/emscripten/steadysocket.py")];
  assert.equal(await workshop.run("python3", "-m", "py_compile", ...files), "");
});
