// From import() to the first open connection. Runs in a page that has loaded nothing else.

/**
 * @param what - "open": from import() to the open connection. "constructor": of the client alone.
 * @returns milliseconds
 */
export default async function measure({ module, url, what }) {
  const begin = performance.now();
  const { connect } = await import(module);
  const imported = performance.now();
  const client = connect(url);
  const constructed = performance.now();
  await client.opened;
  const opened = performance.now();
  client.close();
  return what === "constructor" ? constructed - imported : opened - begin;
}
