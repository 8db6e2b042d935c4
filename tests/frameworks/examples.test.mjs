// The first example in each page of the documentation: a chat that sends and receives.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";
import { consumerFolder } from "../support/package.mjs";
import { codeBlocks, listPages, readPage } from "../support/pages.mjs";
import { bundle, openApp } from "./page.mjs";
import { svelte } from "./svelte-plugin.mjs";

/** The first code block in this language in a page of the tarball, with the test's server. */
function example(page, language) {
  const file = join(consumerFolder, "node_modules/steadysocket/docs", page);
  const [, code] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(
    readFileSync(file, "utf8"),
  );
  const onServer = code.replace('"wss://example.org/chat"', "server");
  assert.notEqual(onServer, code);
  return onServer;
}

const bundles = {
  "start/react.md": () =>
    bundle(`
      import { createRoot } from "react-dom/client";
      ${example("start/react.md", "jsx")}
      createRoot(document.querySelector("#app")).render(<Chat />);`),
  "start/vue.md": () => {
    const { descriptor } = parse(example("start/vue.md", "vue"));
    const { content } = compileScript(descriptor, { id: "chat", inlineTemplate: true });
    return bundle(`
      import { createApp } from "vue";
      ${content.replace("export default", "const Chat =")}
      createApp(Chat).mount("#app");`);
  },
  "start/svelte.md": () =>
    bundle(
      `import { mount } from "svelte";
      import Chat from "./Chat.svelte";
      mount(Chat, { target: document.querySelector("#app") });`,
      { plugins: [svelte({ Chat: example("start/svelte.md", "svelte") }, "client")] },
    ),
};

for (const [page, build] of Object.entries(bundles)) {
  test(`the chat in docs/${page} sends and receives, and queues messages during an outage`, async (t) => {
    const { server, tab } = await openApp(t, await build());
    await tab.type("input", "hello");
    await tab.press("Enter");
    await server.until(() => server.received.length === 1);
    assert.deepEqual(JSON.parse(server.received[0]), { type: "chat", text: "hello" });
    server.sendAll({ type: "chat", text: "welcome" });
    await tab.sees("li", "welcome");
    tab.expected.push(/^WebSocket connection to .* failed/);
    await server.stop();
    await tab.sees("p", /Reconnecting in \d+ s, 0 messages waiting/);
    await tab.fill("input", "later");
    await tab.press("Enter");
    await tab.sees("p", /Reconnecting in \d+ s, 1 messages waiting/);
    await server.restart();
    await server.until(() => server.received.length === 2);
    assert.deepEqual(JSON.parse(server.received[1]), { type: "chat", text: "later" });
    await tab.seesNone("p");
  });
}

test("every Vue and Svelte component in the documentation compiles", () => {
  let components = 0;
  for (const page of listPages()) {
    for (const { language, code, line } of codeBlocks(readPage(page))) {
      const where = `${page}:${line}`;
      if (language === "svelte") {
        assert.doesNotThrow(() => compile(code, {}), where);
      } else if (language === "vue") {
        const { descriptor, errors } = parse(code);
        assert.deepEqual(errors, [], where);
        assert.doesNotThrow(() => compileScript(descriptor, { id: where }), where);
      } else {
        continue;
      }
      ++components;
    }
  }
  assert.ok(components >= 3);
});
