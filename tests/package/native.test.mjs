// The library in C++ programs on a desktop, in each way to add it.
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configureBlocks } from "./cmake-blocks.mjs";
import { makeWorkshop } from "./support.mjs";
import { talks } from "./talk.mjs";

const workshop = makeWorkshop();
const program = { PROGRAM: "native", LINKS: "steadysocket::json;steadysocket::testing" };
const lines = '["sent",{"type":"hello"}]\n["hits",3]\n';

/** The installed library, moved after its installation. */
const installed = workshop.path("moved", "to another place");
const findIt = { WAY: "find_package", CMAKE_PREFIX_PATH: installed };

test("a program links the library by add_subdirectory without our compiler flags", async () => {
  const build = await workshop.configure({
    ...program,
    WAY: "add_subdirectory",
    STEADYSOCKET: workshop.path("sources"),
  });
  assert.equal(await workshop.run(join(await build.make(), "consumer")), lines);
  assert.deepEqual(build.requirements(), []);
  // The install of another project does not include the library.
  await workshop.run("cmake", "--install", build.folder, "--prefix", workshop.path("theirs"));
  assert.equal(existsSync(workshop.path("theirs")), false);
});

test("a program links the library by FetchContent, also in a unity build", async () => {
  const archive = workshop.path("steadysocket.tar.gz");
  await workshop.run("tar", "-czf", archive, "sources");
  const build = await workshop.configure({
    ...program,
    WAY: "FetchContent",
    STEADYSOCKET: archive,
    CMAKE_UNITY_BUILD: "ON",
  });
  assert.equal(await workshop.run(join(await build.make(), "consumer")), lines);
});

test("a program finds an installed library, also after it was moved", async () => {
  const [first, build] = [workshop.path("first place"), workshop.path("build of the library")];
  const options = ["-DSTEADYSOCKET_NATIVE=ON", "-DCMAKE_UNITY_BUILD=ON"];
  await workshop.run("cmake", "-S", "sources", "-B", build, "-G", "Ninja", ...options);
  await workshop.run("cmake", "--build", build);
  await workshop.run("cmake", "--install", build, "--prefix", first);
  mkdirSync(workshop.path("moved"));
  renameSync(first, installed);
  const consumer = await workshop.configure({ ...program, ...findIt, COMPONENTS: "json" });
  assert.equal(await workshop.run(join(await consumer.make(), "consumer")), lines);
  assert.deepEqual(consumer.requirements(), []);
  const targets = readFileSync(
    join(installed, "share/cmake/steadysocket/steadysocketTargets.cmake"),
    "utf8",
  );
  assert.equal(targets.includes(workshop.folder), false);
});

test("a program that uses the installed library connects over the native transport", async (t) => {
  const desktop = { PROGRAM: "talk", LINKS: "steadysocket::json", COMPONENTS: "json;native" };
  const build = await workshop.configure({ ...findIt, ...desktop });
  await talks(t, join(await build.make(), "consumer"));
});

test("a program compiled with -fsanitize=undefined links and passes its type checks", async () => {
  const sanitizer = "-fsanitize=undefined -fno-sanitize-recover=all";
  const build = await workshop.configure({
    ...findIt,
    PROGRAM: "sanitized",
    LINKS: "steadysocket::json;steadysocket::testing",
    COMPONENTS: "json",
    CMAKE_CXX_FLAGS: sanitizer,
  });
  assert.equal(
    await workshop.run(join(await build.make(), "consumer")),
    '["sent",2]\n["hits",3]\n["events",6]\n["transport",5]\n',
  );
});

test("a program without CMake finds the library by pkg-config", async () => {
  const flags = `PKG_CONFIG_PATH="$1/lib/pkgconfig" pkg-config --cflags --libs steadysocket`;
  const compile = `eval "c++ consumer/native.cpp -o plain -lsteadysocket_testing $(${flags})"`;
  await workshop.run("sh", "-ec", compile, "sh", installed);
  assert.equal(await workshop.run(workshop.path("plain")), lines);
});

test("the CMake blocks of the documentation configure on a desktop", async () => {
  const find = { CMAKE_PREFIX_PATH: installed };
  const isForBoth = (block) => !block.includes("steadysocket_add_bindings");
  const configured = await configureBlocks(workshop, [], find, isForBoth);
  assert.ok(configured.length >= 5, configured.join("\n"));
});

test("before 1.0, versions are compatible if they have the same minor number", async () => {
  await workshop.configure({ ...findIt, VERSION: "0.1" });
  await assert.rejects(
    workshop.configure({ ...findIt, VERSION: "0.2" }),
    /compatible with requested\s+version "0.2"/,
  );
});

test("a missing component is reported with its requirements", async () => {
  await workshop.configure({ ...findIt, COMPONENTS: "web" });
  const json = { COMPONENTS: "json", CMAKE_DISABLE_FIND_PACKAGE_nlohmann_json: "ON" };
  await assert.rejects(
    workshop.configure({ ...findIt, ...json }),
    /its\s+component\s+json\s+needs\s+nlohmann\/json 3.10 or newer/,
  );
  await assert.rejects(
    workshop.configure({ ...findIt, COMPONENTS: "chat" }),
    /it\s+has\s+no\s+component\s+chat/,
  );
});

test("nlohmann/json is downloaded with STEADYSOCKET_FETCH_JSON", async () => {
  // FetchContent uses a given folder instead of the download.
  const downloaded = workshop.path("nlohmann");
  mkdirSync(join(downloaded, "include"), { recursive: true });
  symlinkSync("/usr/include/nlohmann", join(downloaded, "include/nlohmann"));
  writeFileSync(
    join(downloaded, "CMakeLists.txt"),
    `add_library(nlohmann_json INTERFACE)
add_library(nlohmann_json::nlohmann_json ALIAS nlohmann_json)
target_include_directories(nlohmann_json INTERFACE include)\n`,
  );
  const settings = {
    ...program,
    ...findIt,
    CMAKE_DISABLE_FIND_PACKAGE_nlohmann_json: "ON",
    STEADYSOCKET_FETCH_JSON: "ON",
    FETCHCONTENT_SOURCE_DIR_NLOHMANN_JSON: downloaded,
  };
  const build = await workshop.configure(settings);
  assert.equal(await workshop.run(join(await build.make(), "consumer")), lines);
});
