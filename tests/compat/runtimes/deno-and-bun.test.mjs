// The runtimes that are not Node.
import { bun, deno } from "./runtimes.mjs";
import { tellStory } from "./tell-story.mjs";

tellStory({ label: deno.label, runtime: deno, source: "own" });
tellStory({ label: bun.label, runtime: bun, source: "own" });
