// Pages with an app of a framework, bundled from a few lines, and the server for its sockets.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { chromium } from "../support/browsers/chromium.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { consumerFolder } from "../support/package.mjs";
import { within } from "../support/until.mjs";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const packages = `${here}node_modules`;

const document = (content) => `<!doctype html>
<link rel="icon" href="data:," />
<div id="app">${content}</div>
<script type="module" src="/main.js"></script>`;

/**
 * Bundles an app in development mode.
 * @param {string} source - May have JSX.
 * @param {import("esbuild").BuildOptions} options
 */
export async function bundle(source, options = {}) {
  const { outputFiles, warnings } = await build({
    stdin: { contents: source, resolveDir: consumerFolder, loader: "jsx" },
    nodePaths: [packages],
    write: false,
    bundle: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    charset: "utf8",
    logLevel: "silent",
    define: {
      "process.env.NODE_ENV": '"development"',
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true",
    },
    ...options,
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));
  return outputFiles[0].text;
}

/**
 * Runs an app on a server without a WebSocket class. Resolves to its output when the process exits
 * by itself.
 */
export async function renderOnServer(source, options, flags = []) {
  const script = await bundle(`delete globalThis.WebSocket;\n${source}`, {
    platform: "node",
    format: "cjs",
    ...options,
  });
  const running = promisify(execFile)(process.execPath, [...flags, "--input-type=commonjs"]);
  running.child.stdin.end(script);
  const { stdout, stderr } = await within(running, "the end of the process");
  if (stderr !== "") throw new Error(stderr);
  return stdout.trim();
}

/** A server that records the closes of its connections. */
export class AppServer extends LocalServer {
  /** The path and the close code of each closed connection, in order. */
  closed = [];
  greet = (connection, { url }) => {
    connection.on("close", (code) => this.closed.push([url, code]));
  };

  /** Sends a message on every open connection. */
  sendAll(message) {
    for (const connection of this.connections) {
      if (connection.readyState === 1) connection.send(JSON.stringify(message));
    }
  }
}

/**
 * Opens a page with an app, which has the server's URL in `server`.
 * @param {string} script - The bundle.
 * @param {string} [content] - HTML rendered on a server.
 */
export async function openApp(t, script, content = "") {
  const server = await AppServer.start(t, {
    serve: (request, response) => {
      const isScript = request.url === "/main.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      response.end(
        isScript
          ? `const server = ${JSON.stringify(server.url(""))};\n${script}`
          : document(content),
      );
    },
  });
  const tab = await chromium.open(t, `http://127.0.0.1:${server.port}/`);
  return { server, tab };
}
