// npm run bot: sets up, builds, and talks in the chat until Ctrl-C.
import { build } from "./build.mjs";
import { setup } from "./setup.mjs";

await setup("build", "demo");
await build();
await import("../demo/chat/bot.mjs").then(({ main }) => main());
