// The CMake blocks of the documentation, each as a separate project.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeBlocks, listPages, readPage } from "../support/pages.mjs";

const preamble = "cmake_minimum_required(VERSION 3.22)\nproject(game CXX)\n";
const executable = "add_executable(game main.cpp)\n";
const links = "target_link_libraries(game PRIVATE steadysocket::steadysocket)\n";

/** Adds the commands that the page omits. The block itself is unchanged. */
function projectOf(block) {
  const parts = [block];
  if (!/^add_executable\(game /m.test(block)) parts.unshift(executable);
  if (!/^target_link_libraries\(game /m.test(block)) parts.push(links);
  if (!/^project\(/m.test(block)) parts.unshift(preamble);
  return parts.join("");
}

/** Every ```cmake block of the documentation, with its name (page and line) and text. */
function blocks() {
  return listPages().flatMap((page) =>
    codeBlocks(readPage(page))
      .filter(({ language }) => language === "cmake")
      .map(({ line, code }) => ({ name: `${page}:${line}`, text: code })),
  );
}

/**
 * Configures each block that `isMeant` accepts, with the library's sources in steadysocket/.
 * @param {string[]} wrapper Command that runs CMake: emcmake, or empty.
 * @param {Record<string, string>} settings CMake variables that locate an installed library.
 * @returns The names of the configured blocks.
 */
export async function configureBlocks(workshop, wrapper, settings, isMeant = () => true) {
  const configured = [];
  for (const { name, text } of blocks().filter((block) => isMeant(block.text))) {
    const folder = workshop.path("blocks", `${wrapper[0] ?? "native"} ${configured.length}`);
    mkdirSync(folder, { recursive: true });
    symlinkSync(workshop.path("sources"), join(folder, "steadysocket"));
    writeFileSync(join(folder, "main.cpp"), "int main() {}\n");
    const sources = `"${workshop.path("sources")}"`;
    const project = projectOf(text.replace("<folder or archive>", sources));
    writeFileSync(join(folder, "CMakeLists.txt"), project);
    const defined = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`);
    const [command, ...args] = [...wrapper, "cmake", "-S", folder, "-B", join(folder, "build")];
    try {
      await workshop.run(command, ...args, "-G", "Ninja", ...defined);
    } catch (error) {
      throw new Error(`${name}\n${project}\n${error.message}`, { cause: error });
    }
    configured.push(name);
  }
  return configured;
}
