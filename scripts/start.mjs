// npm start: sets up, builds, and serves the chat until Ctrl-C.
import { build } from "./build.mjs";
import { setup } from "./setup.mjs";

await setup("build", "demo");
await build();
await import("../demo/chat/server/main.mjs").then(({ main }) => main());
