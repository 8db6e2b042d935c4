// The journal in Redis does what every journal promises.
import { testContract } from "../support/journal-contract.mjs";

testContract("redis");
