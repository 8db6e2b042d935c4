import { SteadySocket } from "steadysocket";
import { WebSocket } from "ws"; // Node 22 and newer have their own.

const socket = new SteadySocket(process.env.SERVER_URL, [], { WebSocket, session: true });

socket.addEventListener("session", ({ state }) => console.log(`session: ${state}`));
socket.addEventListener("statechange", ({ state }) => console.log(`state: ${state}`));

let count = 0;

async function placeOrder() {
  const order = `order ${++count}`;
  const { status, outcome } = socket.send(order, { track: true });
  console.log(`${order}: ${status}`);
  const end = await outcome;
  console.log(`${order}: ${end.status}`);
}

setInterval(placeOrder, 500);
