/**
 * A scripted WebSocket server in memory, for tests of apps: see docs/guides/testing.md. Has no
 * WebAssembly and no dependencies, and works with any code that takes a WebSocket class.
 *
 * @module steadysocket/testing
 */

export type {
  TestCloseInfo,
  TestConnection,
  TestConnectionEventMap,
  TestData,
} from "./connection.js";
export type { TestAttempt, TestServerOptions, WaitOptions } from "./server.js";
export { TestServer } from "./server.js";
