// Counts the payload bytes of the page's WebSockets, frames of the session included. The socket's
// messages would not do: it shows no control frames, and no message that C++ sends.

export const bytes = { in: 0, out: 0 };

const known = new WeakSet();
const sizeOf = (data) => data.byteLength ?? data.size ?? data.length ?? 0;

/** Call this before the first WebSocket is made. Every connection begins with a sent message. */
export function countBytes() {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    bytes.out += sizeOf(data);
    if (!known.has(this)) {
      known.add(this);
      this.addEventListener("message", (event) => {
        bytes.in += sizeOf(event.data);
      });
    }
    send.call(this, data);
  };
}
