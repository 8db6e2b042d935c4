// The contract of journals, with the journal in a folder.
import { testContract } from "./journal-contract.mjs";

testContract("local");
