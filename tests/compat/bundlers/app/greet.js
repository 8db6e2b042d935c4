/** Sends a greeting to the server in the page's URL on every connection, and shows the replies. */
export function greet(SteadySocket) {
  const server = new URLSearchParams(location.search).get("server");
  const socket = new SteadySocket(server, [], { reconnect: { initialDelay: 10, maxDelay: 50 } });
  const received = document.querySelector("#received");
  let connections = 0;
  socket.on("greeting", ({ from }) => {
    const line = document.createElement("li");
    line.textContent = from;
    received.append(line);
  });
  socket.addEventListener("open", () => {
    socket.send({ type: "greeting", from: `connection ${++connections}` });
  });
}
