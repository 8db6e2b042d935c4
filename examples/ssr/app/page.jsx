import { connection } from "next/server";
import { Chat } from "./Chat.jsx";

/** Rendered on the server. The WebSocket server's address is known at run time only. */
export default async function Page() {
  await connection();
  return <Chat url={process.env.SERVER_URL ?? "ws://127.0.0.1:8080"} />;
}
