// The native client of a chaos run: native_client.cpp.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { once } from "../../support/until.mjs";

const program = fileURLToPath(
  new URL(
    "../../../build/native-sanitize/tests/session/chaos/session_chaos_client",
    import.meta.url,
  ),
);

export const nativeClient = {
  name: "C++, native",
  async begin(t, { urls, seed, isPlain }) {
    const child = spawn(program, [String(seed), isPlain ? "plain" : "session", ...urls], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    let output = "";
    const begun = new Promise((resolve) => {
      child.stdout.on("data", (data) => {
        output += data;
        if (output.includes("\n")) resolve();
      });
    });
    return {
      begun: () => begun,
      async finish() {
        const ended = once(child, "close", 60_000);
        child.stdin.end("finish\n");
        const [code] = await ended;
        if (code !== 0) throw new Error(`the native client has exited with ${code}`);
        return JSON.parse(output.split("\n")[1]);
      },
      describe: () => output,
    };
  },
};
