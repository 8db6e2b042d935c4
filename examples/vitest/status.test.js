// @vitest-environment happy-dom
// A component without a network: its server is in memory, and goes offline when the test says so.
import { SteadySocket } from "steadysocket";
import { TestServer } from "steadysocket/testing";
import { afterEach, expect, test, vi } from "vitest";
import { showStatus } from "./status.js";

let socket;
let stop;
afterEach(() => {
  stop();
  socket.close();
});

test("the status shows the state and the number of queued messages", async () => {
  const server = new TestServer();
  const element = document.createElement("p");
  socket = new SteadySocket("ws://chat.example", [], { WebSocket: server.WebSocket });
  stop = showStatus(element, socket);
  expect(element.textContent).toBe("connecting");
  await vi.waitFor(() => expect(element.textContent).toBe("open"));

  server.offline();
  server.kill();
  await vi.waitFor(() => expect(element.textContent).toBe("waiting"));
  socket.send({ type: "chat", text: "hello" });
  await vi.waitFor(() => expect(element.textContent).toMatch(/, 1 queued$/));

  server.online();
  const connection = await server.connection(); // the first one
  const another = await server.connection();
  expect(connection.received).toEqual([]);
  expect(await another.json()).toEqual({ type: "chat", text: "hello" });
  await vi.waitFor(() => expect(element.textContent).toBe("open"));
});
