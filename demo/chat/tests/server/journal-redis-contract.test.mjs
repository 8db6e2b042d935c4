// The journal in Redis does what every journal promises.
import { testContract } from "./journal-contract.mjs";

testContract("redis");
