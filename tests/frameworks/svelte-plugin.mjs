import assert from "node:assert/strict";
import { compile } from "svelte/compiler";
import { consumerFolder } from "../support/package.mjs";

/**
 * An esbuild plugin that compiles these components.
 * @param {Record<string, string>} components - The sources, by name.
 * @param {"client" | "server"} generate
 */
export const svelte = (components, generate) => ({
  name: "svelte",
  setup(build) {
    build.onResolve({ filter: /\.svelte$/ }, ({ path }) => ({ path, namespace: "svelte" }));
    build.onLoad({ filter: /./, namespace: "svelte" }, ({ path }) => {
      const name = path.replace(/.*\/|\.svelte$/g, "");
      const { js, warnings } = compile(components[name], {
        generate,
        dev: generate === "client",
        filename: path,
      });
      assert.deepEqual(warnings, []);
      return { contents: js.code, resolveDir: consumerFolder };
    });
  },
});
