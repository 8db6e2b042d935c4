// Node 20, which has no WebSocket, or has one behind a flag.
import { node20 } from "./runtimes.mjs";
import { tellStory } from "./tell-story.mjs";

tellStory({ label: `${node20.label} with ws as an option`, runtime: node20, source: "option" });
tellStory({ label: `${node20.label} with ws as a global`, runtime: node20, source: "global" });
tellStory({
  label: `${node20.label} with --experimental-websocket`,
  runtime: node20,
  source: "own",
  flags: ["--experimental-websocket"],
});
