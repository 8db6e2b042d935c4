// The versions of Node that have a WebSocket.
import { node22, node26 } from "./runtimes.mjs";
import { tellStory } from "./tell-story.mjs";

tellStory({ label: node22.label, runtime: node22, source: "own" });
tellStory({ label: node26.label, runtime: node26, source: "own" });
tellStory({ label: `${node26.label} with ws as an option`, runtime: node26, source: "option" });
