// The library in C++ programs for the web: as sources, which Emscripten compiles with the program.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { configureBlocks } from "./cmake-blocks.mjs";
import { makeWorkshop } from "./support.mjs";
import { talks, webCommand } from "./talk.mjs";

const workshop = makeWorkshop();
const emcmake = ["emcmake"];
const program = { PROGRAM: "talk", LINKS: "steadysocket::json" };

/** The installed sources, moved after their installation. */
const installed = workshop.path("moved", "to another place");
const config = join(installed, "share/cmake/steadysocket");

before(async () => {
  const [first, build] = [workshop.path("first place"), workshop.path("build of the library")];
  await workshop.run("emcmake", "cmake", "-S", "sources", "-B", build, "-G", "Ninja");
  // The installation needs no build.
  const install = ["--install", build, "--prefix", first, "--component", "steadysocket_web"];
  await workshop.run("cmake", ...install);
  mkdirSync(workshop.path("moved"));
  renameSync(first, installed);
});

/** Builds the program, and runs it in Node. */
async function talksInNode(t, build) {
  const file = join(await build.make(), "consumer.cjs");
  await talks(t, ...webCommand, file);
}

/** Checks that the only usage requirements are those that linking steadysocket needs. */
function assertRequirements(build) {
  const [line, ...others] = build.requirements();
  assert.match(
    line,
    /^steadysocket LINK_OPTIONS -lwebsocket\.js;SHELL:--js-library "[^"]*";-sABORTING_MALLOC=1$/,
  );
  assert.deepEqual(others, []);
}

test("a program links the library by add_subdirectory, with the link options it needs", async (t) => {
  const settings = {
    ...program,
    WAY: "add_subdirectory",
    STEADYSOCKET: workshop.path("sources"),
    // Halves the time of compilation.
    CMAKE_UNITY_BUILD: "ON",
  };
  const build = await workshop.configure(settings, emcmake);
  await talksInNode(t, build);
  assertRequirements(build);
  await workshop.run("cmake", "--install", build.folder, "--prefix", workshop.path("theirs"));
  assert.equal(existsSync(workshop.path("theirs")), false);
});

test("a program links the library by FetchContent, with the bindings and in a unity build", async (t) => {
  const archive = workshop.path("steadysocket.tar.gz");
  await workshop.run("tar", "-czf", archive, "sources");
  const settings = {
    ...program,
    WAY: "FetchContent",
    STEADYSOCKET: archive,
    BINDINGS: "ON",
    CMAKE_UNITY_BUILD: "ON",
  };
  await talksInNode(t, await workshop.configure(settings, emcmake));
});

test("a program finds installed sources with the bindings by steadysocket_DIR", async (t) => {
  const found = {
    WAY: "find_package",
    COMPONENTS: "json",
    BINDINGS: "ON",
    steadysocket_DIR: config,
    CMAKE_UNITY_BUILD: "ON",
  };
  const build = await workshop.configure({ ...program, ...found }, emcmake);
  await talksInNode(t, build);
  assertRequirements(build);
});

test("installed sources are found by CMAKE_FIND_ROOT_PATH, or by CMAKE_PREFIX_PATH in mode BOTH", async () => {
  const find = { WAY: "find_package" };
  await workshop.configure({ ...find, CMAKE_FIND_ROOT_PATH: installed }, emcmake);
  const prefix = { CMAKE_PREFIX_PATH: installed };
  const both = { ...prefix, CMAKE_FIND_ROOT_PATH_MODE_PACKAGE: "BOTH" };
  await workshop.configure({ ...find, ...both }, emcmake);
  // Emscripten's toolchain file searches only its own root by default.
  await assert.rejects(
    workshop.configure({ ...find, ...prefix }, emcmake),
    /steadysocketConfig\.cmake/,
  );
});

test("a web-only install is reported to a desktop build", async () => {
  const find = { WAY: "find_package", steadysocket_DIR: config };
  await assert.rejects(
    workshop.configure(find),
    /it\s+is\s+installed\s+here\s+for\s+the\s+web\s+only/,
  );
});

test("the CMake blocks of the documentation configure with emcmake", async () => {
  const configured = await configureBlocks(workshop, emcmake, { CMAKE_FIND_ROOT_PATH: installed });
  assert.ok(configured.length >= 6, configured.join("\n"));
});
