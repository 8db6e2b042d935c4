// `steadysocket/server` as a user has it: see tests/support/package.mjs.
import { packageUrl } from "../support/package.mjs";

export const serverUrl = new URL("server.js", packageUrl).href;
export const { createSessions, memoryStore, SessionError } = await import(serverUrl);
