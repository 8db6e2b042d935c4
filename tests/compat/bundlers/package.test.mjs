// What tools say of the package as it is published.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { publint } from "publint";
import { consumerFolder } from "../../support/package.mjs";

const name = readdirSync(consumerFolder).find((file) => file.endsWith(".tgz"));
const tarball = readFileSync(join(consumerFolder, name));

test("publint has nothing to say of the package", async () => {
  const { messages } = await publint({
    pack: { tarball: Uint8Array.from(tarball).buffer },
    strict: true,
  });
  assert.deepEqual(messages, []);
});
