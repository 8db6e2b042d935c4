// @vitest-environment happy-dom
// A component without a network: a suspended socket queues messages and makes no connection.
import { SteadySocket } from "steadysocket";
import { afterEach, expect, test, vi } from "vitest";
import { showStatus } from "./status.js";

let socket;
let stop;
afterEach(() => {
  stop();
  socket.close();
});

test("the status shows the state and the number of queued messages", async () => {
  const element = document.createElement("p");
  socket = new SteadySocket("ws://server.invalid", [], { startSuspended: true });
  stop = showStatus(element, socket);
  expect(element.textContent).toBe("suspended");
  socket.send({ type: "chat", text: "hello" });
  await vi.waitFor(() => expect(element.textContent).toBe("suspended, 1 queued"));
});
