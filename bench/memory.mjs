// The memory of a process that runs with --expose-gc.

/** Resolves to the bytes of JavaScript's heap and of WebAssembly's memory. */
export async function usedBytes() {
  for (let i = 0; i < 4; ++i) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Throws if what Node reports as external lacks the memory of WebAssembly. */
export async function checkExternal() {
  const before = await usedBytes();
  const memory = new WebAssembly.Memory({ initial: 160 });
  const grown = (await usedBytes()) - before;
  if (grown < memory.buffer.byteLength / 2) {
    throw new Error("this Node does not count the memory of WebAssembly");
  }
}
