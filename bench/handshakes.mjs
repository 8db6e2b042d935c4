// The server's part in the handshakes of the clients that have a protocol of their own.

const handshakes = [
  {
    path: "/socket.io",
    greeting:
      '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
    answer: (text) => (text.startsWith("40") ? '40{"sid":"s"}' : undefined),
  },
  {
    path: "/signalr",
    answer: (text) => (text.startsWith('{"protocol"') ? "{}\x1e" : undefined),
  },
  {
    path: "/phoenix",
    answer: (text) => {
      if (!text.includes('"phx_join"')) return undefined;
      const [joinRef, ref, topic] = JSON.parse(text);
      const reply = { status: "ok", response: {} };
      return JSON.stringify([joinRef, ref, topic, "phx_reply", reply]);
    },
  },
];

/** @returns { greeting?, answer(text) } or undefined if a connection of this URL has none. */
export const handshakeOf = (url) => handshakes.find(({ path }) => url.includes(path));
