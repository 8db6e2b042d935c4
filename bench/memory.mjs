// Measures the memory of a process that runs with --expose-gc.

/** Resolves to the bytes of the JavaScript heap and of the WebAssembly memory. */
export async function usedBytes() {
  for (let i = 0; i < 4; ++i) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Throws if Node's external memory does not include that of WebAssembly. */
export async function checkExternal() {
  const before = await usedBytes();
  const memory = new WebAssembly.Memory({ initial: 160 });
  const grown = (await usedBytes()) - before;
  if (grown < memory.buffer.byteLength / 2) {
    throw new Error("this version of Node does not count WebAssembly memory");
  }
}
