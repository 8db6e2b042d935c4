// The journal in a folder does what every journal promises.
import { testContract } from "../support/journal-contract.mjs";

testContract("local");
