// The compared clients. Each module has
//   connect(url, { WebSocket, handlers }) -> { opened, send(object), close() }
// with handled() or drained() if messages are received or sent asynchronously, and with
// frame(object) if a message is not just the JSON of an object.
// Some code is repeated on purpose: the engine would optimize a shared function for all callers.
import * as partysocket from "./partysocket.mjs";
import * as phoenix from "./phoenix.mjs";
import * as raw from "./raw.mjs";
// The same file as another module: its difference is the noise.
import * as rawAgain from "./raw.mjs?again";
import * as reconnectingWebSocket from "./reconnecting-websocket.mjs";
import * as signalr from "./signalr.mjs";
import * as socketIo from "./socket.io.mjs";
import * as steadysocket from "./steadysocket.mjs";
import * as steadysocketJs from "./steadysocket-js.mjs";

export const ours = { raw, "raw again": rawAgain, steadysocket };
/** The kernel in JavaScript. A small message takes the same path. */
export const inJavaScript = { "steadysocket/js": steadysocketJs };
/** Clients that work with any server. */
export const plainPeers = { "reconnecting-websocket": reconnectingWebSocket, partysocket };
/** Clients that need a server with their protocol. */
export const protocolPeers = { "socket.io": socketIo, signalr, phoenix };
