import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Runs `use` with the URL of a server on loopback, and stops the server afterwards. */
export async function withServer(use) {
  const child = fork(fileURLToPath(new URL("server.mjs", import.meta.url)));
  try {
    const [port] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (child.exitCode !== null) throw new Error("the server ended");
    return await use(`ws://127.0.0.1:${port}/`);
  } finally {
    child.kill("SIGKILL");
  }
}
