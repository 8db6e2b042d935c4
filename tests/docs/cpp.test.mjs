// The C++ of the documentation compiles: programs for their platform, statements in a function that
// has a socket.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib.mjs";
import { limitTests } from "../support/limit.mjs";
import { codeBlocks, listPages, readPage } from "../support/pages.mjs";

// em++ starts slowly.
limitTests(120_000);

const folder = join(root, "build/docs/cpp");
const headers = ["sdk", "sdk/native", "sdk/testing", "sdk/web", "bindings"];
const flags = [
  "-std=c++20",
  "-fsyntax-only",
  "-Wall",
  "-Wextra",
  // The reader uses the declarations of a block.
  "-Wno-unused",
  "-Werror",
  ...headers.map((name) => `-I${join(root, name, "include")}`),
  // The game loop of sdk/README.md.
  "-isystem",
  "/usr/include/SDL2",
];

const preamble = `#include <chrono>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <steady/socket.hpp>
#include <vector>

using namespace std::chrono_literals;

std::string get_token();

// A class as protoc makes it.
namespace chat {
struct Text {
  std::string text() const;
  void set_text(const char*);
};
struct Envelope {
  bool ParseFromArray(const void*, int);
  std::string SerializeAsString() const;
  bool has_text() const;
  const Text& text() const;
  Text* mutable_text();
};
}  // namespace chat
`;

/** Programs and declarations at namespace scope are compiled as they are, statements in a function. */
const isWhole = (code) => /^#include|^(struct|class|namespace|template)\b/m.test(code);
const isOfTheWeb = (code) => /<emscripten|<steady\/(web|js)\//.test(code);

/** One translation unit of the blocks that are statements, and one for each of the others. */
function unitsOf(page) {
  const blocks = codeBlocks(readPage(page)).filter(
    // [Before] is the code of another library, from which the reader comes.
    ({ language, meta }) => language === "cpp" && meta !== "[Before]",
  );
  const at = ({ line }) => `#line ${line + 1} "${page}"\n`;
  const units = blocks
    .filter(({ code }) => isWhole(code))
    .map((block) => ({
      name: `${block.line}`,
      code: at(block) + block.code,
      isForWeb: isOfTheWeb(block.code) && !block.code.includes("#else"),
    }));
  const statements = blocks.filter(({ code }) => !isWhole(code));
  if (statements.length > 0) {
    const functions = statements.map(
      (block) => `void at_${block.line}(steady::Socket& socket) {\n${at(block)}${block.code}}\n`,
    );
    units.push({ name: "statements", code: preamble + functions.join(""), isForWeb: false });
  }
  return units;
}

mkdirSync(folder, { recursive: true });
const pages = listPages()
  .map((page) => ({ page, units: unitsOf(page) }))
  .filter(({ units }) => units.length > 0);

test("the documentation has C++", () => {
  assert.ok(pages.length >= 4);
});

for (const { page, units } of pages) {
  test(`${page}: its blocks of C++ compile`, () => {
    for (const { name, code, isForWeb } of units) {
      const file = join(folder, `${page.replaceAll("/", "-")}-${name}.cpp`);
      writeFileSync(file, code);
      const compiler = isForWeb ? "em++" : "g++";
      const { status, stderr } = spawnSync(compiler, [...flags, file], { encoding: "utf8" });
      assert.equal(status, 0, stderr);
    }
  });
}
