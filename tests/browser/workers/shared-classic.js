const scene = import("./scene.js");
// A port keeps messages until `onmessage` is set.
self.onconnect = async ({ ports: [port] }) => (await scene).play(port);
