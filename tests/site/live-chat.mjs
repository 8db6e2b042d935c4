// The steps of a reader in the live chat, on any page that has it. `site/theme/LiveChat.vue`.
import assert from "node:assert/strict";

const button = (text) => [".live-chat button", text];
const logged = (tab, text) => tab.sees(".live-chat-log li", text);

async function write(tab, text) {
  await tab.fill(".live-chat input", text);
  await tab.click(...button("Send"));
}

const isReady = (tab) => tab.sees(".live-chat-state", "open");
const isDelivered = (tab, text) =>
  tab.sees('.live-chat-messages li:has([data-status="delivered"])', text);

/** The bot has answered these messages, numbered from 1, each once and in order. */
async function areAnswered(tab, ...texts) {
  const answers = texts.map((text, index) => `Message ${index + 1} received once: ${text}`);
  await tab.sees('.live-chat-messages [data-from="Bot"]', answers.at(-1));
  assert.deepEqual(
    await tab.texts('.live-chat-messages [data-from="Bot"] .live-chat-text'),
    answers,
  );
}

/** The scenarios by their titles: functions of a Tab in which the page has been opened. */
export const scenarios = {
  "messages written offline are queued, and delivered once after the reconnect": async (tab) => {
    await isReady(tab);
    await write(tab, "online");
    await areAnswered(tab, "online");
    await tab.click(...button("Go offline"));
    await tab.sees(".live-chat-state", "waiting");
    await write(tab, "first");
    await write(tab, "second");
    await tab.sees(".live-chat-queued", "2");
    await tab.sees('.live-chat-messages [data-status="queued"]', "queued");
    await tab.sees(".live-chat-retry", /in \d s/);
    await logged(tab, "There is no connection: the message waits in the queue.");
    await tab.click(...button("Go online"));
    await isDelivered(tab, "second");
    await areAnswered(tab, "online", "first", "second");
    await tab.sees(".live-chat-queued", "0");
    await logged(tab, "session resumed");
  },

  "a message sent right before the server is killed arrives once": async (tab) => {
    await isReady(tab);
    await tab.fill(".live-chat input", "in flight");
    // In one task: the message has left, and has not arrived.
    await tab.evaluate(() => {
      const buttons = [...document.querySelectorAll(".live-chat button")];
      const click = (text) => buttons.find((one) => one.textContent.includes(text)).click();
      click("Send");
      click("Kill the server");
    });
    await logged(tab, "You: kill the server");
    await logged(tab, "Rule: retry after the usual delay. It comes from the default rule");
    await isDelivered(tab, "in flight");
    await areAnswered(tab, "in flight");
  },

  "a silent network is detected by the heartbeat": async (tab) => {
    await isReady(tab);
    await tab.click(...button("Silence the network"));
    await write(tab, "into the silence");
    await logged(tab, "error heartbeat_timeout");
    await logged(tab, "The browser reports no error for a silent network");
    await tab.click(...button("End the silence"));
    await isDelivered(tab, "into the silence");
    await areAnswered(tab, "into the silence");
  },

  "the delay that the server asks for is shown with its reason": async (tab) => {
    await isReady(tab);
    await tab.click(...button("Close with 1013"));
    await logged(tab, /next: later by the server's retry-after/);
    await logged(tab, "The 3 s that the server has asked for");
    await tab.sees(".live-chat-retry", /in [1-4] s/);
    await isReady(tab);
  },
};
