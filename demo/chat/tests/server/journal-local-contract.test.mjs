// The journal in a folder does what every journal promises.
import { testContract } from "./journal-contract.mjs";

testContract("local");
