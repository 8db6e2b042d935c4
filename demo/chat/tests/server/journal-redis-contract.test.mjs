// The contract of journals, with the journal in Redis.
import { testContract } from "./journal-contract.mjs";

testContract("redis");
