// `steadysocket/server` as a user has it: see tests/support/package.mjs.
import { entryUrl } from "../support/package.mjs";

export const serverUrl = entryUrl("./server");
export const { createSessions, memoryStore, SessionError } = await import(serverUrl);
