// From import() to the first open connection. Runs in a page that has loaded nothing else.

/** @returns milliseconds */
export default async function measure({ module, url }) {
  const begin = performance.now();
  const { connect } = await import(module);
  const client = connect(url);
  await client.opened;
  const time = performance.now() - begin;
  client.close();
  return time;
}
