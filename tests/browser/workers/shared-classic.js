const scene = import("./scene.js");
// A port keeps what comes until there is an onmessage.
self.onconnect = async ({ ports: [port] }) => (await scene).play(port);
