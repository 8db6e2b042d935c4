// The clients that are compared. Each module has
//   connect(url, { WebSocket, handlers }) -> { opened, send(object), close() }
// with handled() or drained() if received messages are handled, or sent ones leave, later,
// and, if a message is not simply the JSON text of an object, frame(object).
// Some repeat each other: a function that they shared would be optimised for all of them together.
import * as partysocket from "./partysocket.mjs";
import * as phoenix from "./phoenix.mjs";
import * as raw from "./raw.mjs";
// The same file as another module: what it differs by is the noise.
import * as rawAgain from "./raw.mjs?again";
import * as reconnectingWebSocket from "./reconnecting-websocket.mjs";
import * as signalr from "./signalr.mjs";
import * as socketIo from "./socket.io.mjs";
import * as steadysocket from "./steadysocket.mjs";
import * as steadysocketJs from "./steadysocket-js.mjs";

export const ours = { raw, "raw again": rawAgain, steadysocket };
/** The kernel in JavaScript. The path of a small message is the same. */
export const inJavaScript = { "steadysocket/js": steadysocketJs };
/** Those that any server can talk to. */
export const plainPeers = { "reconnecting-websocket": reconnectingWebSocket, partysocket };
/** Those that need a server of their own protocol. */
export const protocolPeers = { "socket.io": socketIo, signalr, phoenix };
