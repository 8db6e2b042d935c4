// The installed `steadysocket/server`: see tests/support/package.mjs.
import { entryUrl } from "../support/package.mjs";

export const serverUrl = entryUrl("./server");
export const { createSessions, memoryStore, SessionError } = await import(serverUrl);
