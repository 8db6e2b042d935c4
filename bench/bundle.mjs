// Bundles modules for the page, in memory.
import { join } from "node:path";
import { build } from "esbuild";
import { readManifest, root } from "../scripts/lib.mjs";

/** @returns the minified ES module of `entry`, a path in bench/. */
export async function bundle(entry) {
  const { outputFiles } = await build({
    absWorkingDir: join(root, "bench"),
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    // Frameworks, which the app already contains.
    external: Object.keys(readManifest().peerDependencies ?? {}),
    minify: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
  });
  return Buffer.from(outputFiles[0].contents);
}
