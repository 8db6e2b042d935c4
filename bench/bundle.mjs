// Bundles for the page, made in memory.
import { join } from "node:path";
import { build } from "esbuild";
import { readManifest, root } from "../scripts/lib.mjs";

/** @returns the minified ES module that `entry`, a path in bench/, is the beginning of. */
export async function bundle(entry) {
  const { outputFiles } = await build({
    absWorkingDir: join(root, "bench"),
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    // Frameworks, which their users have already.
    external: Object.keys(readManifest().peerDependencies ?? {}),
    minify: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
  });
  return Buffer.from(outputFiles[0].contents);
}
