// The library as C++ programs for the web come to it: as sources, which Emscripten compiles with the
// program.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { configureBlocks } from "./cmake-blocks.mjs";
import { makeWorkshop } from "./support.mjs";
import { talks } from "./talk.mjs";

const workshop = makeWorkshop();
const emcmake = ["emcmake"];
const program = { PROGRAM: "talk", LINKS: "steadysocket::json" };
const withWebSocket = fileURLToPath(new URL("./with-web-socket.mjs", import.meta.url));

/** Where the installed tree is, which has been moved there. */
const installed = workshop.path("moved", "to another place");
const config = join(installed, "share/cmake/steadysocket");

before(async () => {
  const [first, build] = [workshop.path("first place"), workshop.path("build of the library")];
  await workshop.run("emcmake", "cmake", "-S", "sources", "-B", build, "-G", "Ninja");
  // Nothing is built for that.
  const install = ["--install", build, "--prefix", first, "--component", "steadysocket_web"];
  await workshop.run("cmake", ...install);
  mkdirSync(workshop.path("moved"));
  renameSync(first, installed);
});

/** Runs what was built. */
async function talksInNode(t, build) {
  const file = join(await build.make(), "consumer.cjs");
  await talks(t, process.execPath, "--import", withWebSocket, file);
}

/** What a program gets with the target: what steadysocket needs to be linked, and nothing else. */
function assertBrought(build) {
  const [line, ...others] = build.brought();
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
    // Half the time of the compiler.
    CMAKE_UNITY_BUILD: "ON",
  };
  const build = await workshop.configure(settings, emcmake);
  await talksInNode(t, build);
  assertBrought(build);
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

test("a program finds the sources where they are installed, by steadysocket_DIR, and the bindings", async (t) => {
  const found = {
    WAY: "find_package",
    COMPONENTS: "json",
    BINDINGS: "ON",
    steadysocket_DIR: config,
    CMAKE_UNITY_BUILD: "ON",
  };
  const build = await workshop.configure({ ...program, ...found }, emcmake);
  await talksInNode(t, build);
  assertBrought(build);
});

test("CMAKE_FIND_ROOT_PATH leads to it as well, and CMAKE_PREFIX_PATH if packages are looked for there", async () => {
  const find = { WAY: "find_package" };
  await workshop.configure({ ...find, CMAKE_FIND_ROOT_PATH: installed }, emcmake);
  const prefix = { CMAKE_PREFIX_PATH: installed };
  const both = { ...prefix, CMAKE_FIND_ROOT_PATH_MODE_PACKAGE: "BOTH" };
  await workshop.configure({ ...find, ...both }, emcmake);
  // Emscripten's toolchain file looks nowhere else.
  await assert.rejects(
    workshop.configure({ ...find, ...prefix }, emcmake),
    /steadysocketConfig\.cmake/,
  );
});

test("what is installed for the web only says so to a build for a desktop", async () => {
  const find = { WAY: "find_package", steadysocket_DIR: config };
  await assert.rejects(
    workshop.configure(find),
    /it\s+is\s+installed\s+here\s+for\s+the\s+web\s+only/,
  );
});

test("the CMake blocks of the docs configure with emcmake, as they stand there", async () => {
  const configured = await configureBlocks(workshop, emcmake, { CMAKE_FIND_ROOT_PATH: installed });
  assert.ok(configured.length >= 6, configured.join("\n"));
});
