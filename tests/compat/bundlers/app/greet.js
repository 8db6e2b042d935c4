/** Greets the server named in the page's address on every connection, and shows what comes back. */
export function greet(SteadySocket) {
  const server = new URLSearchParams(location.search).get("server");
  const socket = new SteadySocket(server, [], { reconnect: { initialDelay: 10, maxDelay: 50 } });
  const heard = document.querySelector("#heard");
  let connections = 0;
  socket.on("greeting", ({ from }) => {
    const line = document.createElement("li");
    line.textContent = from;
    heard.append(line);
  });
  socket.addEventListener("open", () => {
    socket.send({ type: "greeting", from: `connection ${++connections}` });
  });
}
