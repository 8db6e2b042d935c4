import { SteadySocket } from "steadysocket";
import { WebSocket } from "ws"; // Node 22 and newer have their own.

const url = process.env.SERVER_URL;
let token = "from an earlier run";

async function getToken() {
  if (token === undefined) {
    const response = await fetch(new URL("/token", url.replace("ws:", "http:")), {
      method: "POST",
    });
    if (!response.ok) throw new Error(`POST /token: ${response.status}`);
    token = await response.text();
    console.log("fetched a new token");
  }
  return token;
}

const socket = new SteadySocket(url, [], {
  WebSocket,
  // Called before every attempt.
  firstMessage: async () => ({ type: "login", token: await getToken() }),
});

socket.on("welcome", () => console.log("logged in"));

socket.addEventListener("close", ({ code, reason, willRetry }) => {
  console.log(`closed with ${code} (${reason}), ${willRetry ? "retrying" : "giving up"}`);
  if (code === 4401) token = undefined;
});

socket.addEventListener("error", ({ code, message }) => console.log(`${code}: ${message}`));
