// docs/design/session-vectors.json, the cases of clients.
import { test } from "node:test";
import { runClientVectors } from "./support/vectors-client.mjs";

test("the vectors of clients", runClientVectors);
