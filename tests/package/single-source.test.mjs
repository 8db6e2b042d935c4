// The single source for programs on the web that are built without CMake.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, statSync } from "node:fs";
import { before, test } from "node:test";
import { writeSingleSource } from "../../scripts/single-source.mjs";
import { codeBlocks, readPage } from "../support/pages.mjs";
import { makeWorkshop } from "./support.mjs";
import { reconnects, webCommand } from "./talk.mjs";

const workshop = makeWorkshop();
/** The command of the folder's README, which compiles a program and the library. */
let command;

before(async () => {
  writeSingleSource(workshop.folder);
  copyFileSync(workshop.path("consumer/restart.cpp"), workshop.path("main.cpp"));
  const readme = readFileSync(workshop.path("steadysocket/README.md"), "utf8");
  command = codeBlocks(readme).find(({ language }) => language === "sh").code;
  await workshop.run("sh", "-ec", command);
});

test("the one command of the README makes a program that outlives its server", async (t) => {
  assert.equal(command.trim().split("\n").length, 1);
  await reconnects(t, ...webCommand, workshop.path("main.js"));
});

test("the documentation has the command of the README", () => {
  assert.ok(readPage("docs/platforms/cpp-install.md").includes(command));
});

test("the rule of the README makes an object that links with a program compiled otherwise", async (t) => {
  const readme = readFileSync(workshop.path("steadysocket/README.md"), "utf8");
  const rule = codeBlocks(readme).find(({ language }) => language === "make").code;
  const link = command.slice(command.indexOf("-lwebsocket.js")).replace("main.js", "other.js");
  const program = `all: steadysocket.o
	emcc -std=c++20 -O1 -Isteadysocket/include main.cpp $< ${link}`;
  await workshop.run("sh", "-ec", 'printf "%s\\n" "$1" "$2" | make -f -', "sh", program, rule);
  await reconnects(t, ...webCommand, workshop.path("other.js"));
});

test("the single source makes a program as small as CMake's, within 2 %", async (t) => {
  const build = await workshop.configure(
    {
      PROGRAM: "restart",
      LINKS: "steadysocket::steadysocket",
      WAY: "add_subdirectory",
      STEADYSOCKET: workshop.path("sources"),
      CMAKE_BUILD_TYPE: "MinSizeRel",
    },
    ["emcmake"],
  );
  const folder = await build.make();
  const sizeOf = (path) => statSync(`${path}.wasm`).size + statSync(`${path}.js`).size;
  const [ours, expected] = [sizeOf(workshop.path("main")), sizeOf(`${folder}/consumer`)];
  t.diagnostic(`${ours} bytes, with CMake ${expected}`);
  assert.ok(ours <= 1.02 * expected, `${ours} bytes, with CMake ${expected}`);
});
