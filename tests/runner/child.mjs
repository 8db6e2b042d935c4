// Runs test programs and shows their output.
import { once } from "node:events";
import { start } from "../../scripts/lib.mjs";

/**
 * @param {string} file
 * @param {string[]} args
 * @param {(text: string) => void} write Called with each chunk of output.
 * @param {Record<string, string>} [env] Variables to add to the environment.
 * @returns {Promise<{ code: number | string, output: string }>} `code`: the exit code or signal.
 */
export async function runShown(file, args, write, env = {}) {
  const stdio = ["ignore", "pipe", "pipe"];
  const child = start(file, args, { stdio, env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      write(text);
    });
  }
  const [code, signal] = await once(child, "close");
  return { code: code ?? signal, output };
}
