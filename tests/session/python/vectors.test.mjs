// The protocol's vectors against the Python server of examples/session-python.
import { test } from "node:test";
import { limitTests } from "../../support/limit.mjs";
import { PythonServer } from "../support/python-server.mjs";
import { runServerVectors } from "../support/vectors-server.mjs";

// One test for all cases.
limitTests(240_000);

const program = new URL("vector_server.py", import.meta.url);

test("the Python server passes the protocol's vectors", async (t) => {
  await runServerVectors(t, async (settings) => {
    const server = await PythonServer.start(t, program, JSON.stringify(settings));
    return server.url;
  });
});
