// The server side of the handshakes of clients with a protocol of their own.

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

/** @returns { greeting?, answer(text) }, or undefined for a URL without a handshake. */
export const handshakeOf = (url) => handshakes.find(({ path }) => url.includes(path));
