// The source of SDL2 of Debian's package, in build/sdl-web, which the tests compile for the web: the
// port that emcc compiles for -sUSE_SDL=2 is a download.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { unpackSource } from "./debian-source.mjs";
import { root } from "./lib.mjs";

/** CMake's setting for tests/conformance/sdl_web.cmake. */
export async function sdlWebSettings() {
  const folder = join(root, "build/sdl-web");
  if (!existsSync(folder)) {
    const fresh = join(root, "build/sdl-web-fresh");
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    const source = await unpackSource("libsdl2", fresh);
    // Renamed once it is complete.
    renameSync(source.folder, folder);
    rmSync(fresh, { recursive: true });
  }
  return [`-DSTEADYSOCKET_TEST_SDL=${folder}`];
}
