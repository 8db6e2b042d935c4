// The client's cases of docs/design/session-vectors.json.
import { test } from "node:test";
import { runClientVectors } from "./support/vectors-client.mjs";

test("the client passes the protocol's vectors", runClientVectors);
