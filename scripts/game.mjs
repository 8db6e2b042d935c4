// npm run game: sets up, builds, and serves the game until Ctrl-C.
import { build } from "./build.mjs";
import { buildGame } from "./build-game.mjs";
import { setup } from "./setup.mjs";

await setup("build", "demo", "game");
await build();
await buildGame();
await import("../demo/game/server/main.mjs").then(({ main }) => main());
