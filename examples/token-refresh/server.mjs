// Issues tokens over HTTP (POST /token), and accepts WebSockets whose first message has a valid one.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const lifetime = 8_000; // milliseconds
const key = randomBytes(32);
const sign = (expires) => createHmac("sha256", key).update(expires).digest("base64url");

function issue() {
  const expires = String(Date.now() + lifetime);
  return `${expires}.${sign(expires)}`;
}

/** The milliseconds for which a token is still valid: 0 or less if it is not. */
function validFor(token) {
  const [expires, signature] = String(token).split(".");
  const [given, expected] = [Buffer.from(signature ?? ""), Buffer.from(sign(expires))];
  const isAuthentic = given.length === expected.length && timingSafeEqual(given, expected);
  return isAuthentic ? Number(expires) - Date.now() : 0;
}

const site = createServer((request, response) => {
  // A real server looks at a cookie or at a password here.
  if (request.method === "POST" && request.url === "/token") response.end(issue());
  else response.writeHead(404).end();
});

const server = new WebSocketServer({
  server: site,
  maxPayload: 4_096,
  // Programs only: browsers always send an origin.
  verifyClient: ({ origin }) => origin === undefined,
});

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

server.on("connection", (client) => {
  client.on("error", ({ message }) => console.log(message));
  const loginTimer = setTimeout(() => client.close(4401, "no login"), 5_000);
  client.once("close", () => clearTimeout(loginTimer));
  client.once("message", (data) => {
    clearTimeout(loginTimer);
    const left = validFor(parse(data)?.token);
    if (left <= 0) {
      client.close(4401, "invalid token");
      return;
    }
    client.send(JSON.stringify({ type: "welcome" }));
    const expiry = setTimeout(() => client.close(4401, "token expired"), left);
    client.once("close", () => clearTimeout(expiry));
  });
});

site.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`listening on ws://127.0.0.1:${site.address().port}`);
});
