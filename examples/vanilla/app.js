import { SteadySocket } from "./steadysocket.js";

const status = document.querySelector("[role=status]");
const list = document.querySelector("ul");
const form = document.querySelector("form");
const shown = new Set();

const socket = new SteadySocket("/chat");

socket.on("chat", ({ id, text }) => {
  // The server sends its history on every connection.
  if (shown.has(id)) return;
  shown.add(id);
  const item = document.createElement("li");
  item.textContent = text;
  list.append(item);
});

socket.addEventListener("drop", ({ reason, data }) => console.warn("not sent", reason, data));

socket
  .watch(({ state, retryIn, queued }) => ({ state, retryIn, queued }))
  .subscribe(({ state, retryIn, queued }) => {
    const next = retryIn === undefined ? "Connecting …" : `Reconnecting in ${retryIn / 1000} s`;
    const waiting = queued > 0 ? `, ${queued} queued` : "";
    status.textContent = (state === "open" ? "Connected" : next) + waiting;
    status.classList.toggle("away", state !== "open");
  });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = new FormData(form).get("text");
  socket.send({ type: "chat", id: crypto.randomUUID(), text });
  form.reset();
});
