"use client";

import { useState } from "react";
import { useSteadyMessage, useSteadySocket } from "steadysocket/react";
import { Status } from "./Status.jsx";

export function Chat({ url }) {
  const socket = useSteadySocket(url);
  const [lines, setLines] = useState(new Map());

  // Keyed by id: the server sends its history on every connection.
  useSteadyMessage(socket, "chat", ({ id, text }) => {
    setLines((lines) => new Map(lines).set(id, text));
  });

  function send(form) {
    socket.send({ type: "chat", id: crypto.randomUUID(), text: form.get("text") });
  }

  return (
    <main>
      <h1>Chat</h1>
      <Status socket={socket} />
      <ul>
        {Array.from(lines, ([id, text]) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
      <form action={send}>
        <input name="text" aria-label="Message" autoComplete="off" maxLength={500} required />
        <button type="submit">Send</button>
      </form>
    </main>
  );
}
