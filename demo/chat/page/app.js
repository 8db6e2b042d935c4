// The chat page: connects its parts.
import { Announcer } from "./announcer.js";
import { Chat } from "./chat.js";
import { find, nameNode, setText } from "./dom.js";
import { Panel } from "./panel.js";
import { People } from "./people.js";
import { language, say, translatePage } from "./texts.js";
import { errorText, Thread } from "./thread.js";

translatePage();
const chat = new Chat("/chat");
const panel = new Panel(chat);
const announcer = new Announcer();
const thread = new Thread({ onAgain: sayIt });
const people = new People({
  onWriteTo() {
    showSide(undefined);
    find("message").focus();
  },
  onRename: (userName) => chat.rename(userName),
});

/** Messages received while the page was in the background, for its title. */
let unseen = 0;

function on(type, listener) {
  chat.addEventListener(type, ({ detail }) => listener(detail));
}

// --- Events ---

on("joined", ({ user, before, time }) => {
  const isFirst = find("chat").hidden;
  find("join").hidden = true;
  find("chat").hidden = false;
  if (isFirst) find("message").focus();
  const name = nameNode(user.userName);
  if (before === undefined) thread.showEvent("welcome", { name }, time);
  else if (before === user.userName) thread.showEvent("welcomeBack", { name }, time);
  else thread.showEvent("nameTaken", { name, previous: nameNode(before) }, time);
});

on("refused", (error) => {
  find("join").hidden = false;
  find("chat").hidden = true;
  find("join").querySelector("[type=submit]").disabled = false;
  const asked = find("name").value.trim();
  setText(find("join-error"), `${errorText({ name: asked, ...error })}.`);
  find("use-suggestion").hidden = error.suggestion === undefined;
  if (error.suggestion !== undefined) {
    find("use-suggestion").dataset.name = error.suggestion;
    setText(find("use-suggestion"), say("useSuggestion", { name: error.suggestion }));
  }
  find("name").focus();
});

on("people", () => people.show(chat.people, chat.me));

on("history", (messages) => {
  for (const message of messages) thread.showMessage(message, chat.me);
});

on("missed", () => thread.showEvent("missed"));

on("entry", (entry) => {
  const isMine = (entry.from ?? entry.user).id === chat.me?.id;
  if (entry.from === undefined) {
    if (!isMine || entry.type === "user-rename") showEvent(entry);
    return;
  }
  if (!thread.showMessage(entry, chat.me) || isMine) return;
  const { from, to, message } = entry;
  const key = to === undefined ? "announceMessage" : "announcePrivate";
  announcer.announce(say(key, { name: from.userName, text: message }));
  if (document.hidden) showUnseen(unseen + 1);
});

on("delivery", (delivery) => {
  thread.showDelivery(delivery);
  if (delivery.state === "failed") announcer.announce(errorText(delivery.error));
});

on("notice", ({ code, ...values }) => {
  if (code === "slow_down") panel.showNotice(say("slowDown", values), () => chat.waiting === 0);
});

on("trouble", (error) => panel.showNotice(`${errorText(error)}.`));

on("text", (text) => {
  thread.showText(text);
  announcer.announce(text);
});

function showEvent({ type, user, previous, time }) {
  const key = { "user-join": "joined", "user-leave": "left", "user-rename": "renamed" }[type];
  const values = { name: nameNode(user.userName) };
  if (previous !== undefined) values.previous = nameNode(previous);
  thread.showEvent(key, values, time);
}

function showUnseen(count) {
  unseen = count;
  document.title = count > 0 ? `(${count}) ${say("title")}` : say("title");
}

// --- User actions ---

function join(userName) {
  setText(find("join-error"), userName === "" ? say("nameMissing") : "");
  find("use-suggestion").hidden = true;
  if (userName === "") return;
  find("join").querySelector("[type=submit]").disabled = true;
  chat.join(userName);
}

/** Sends a message to all, or privately to this user, whose name may have changed. */
function sayIt(text, to) {
  const ref = chat.say(text, to?.id);
  thread.showOwn(ref, { me: chat.me, to: to && (chat.people.get(to.id) ?? to), text });
}

function fitMessage() {
  const { style } = find("message");
  style.height = "auto";
  style.height = `${find("message").scrollHeight + 2}px`;
}

/** On a narrow page: shows one of the parts beside the chat above it, or none. */
function showSide(id) {
  find("join").inert = find("chat").inert = id !== undefined;
  for (const name of ["people", "connection"]) {
    const isShown = name === id;
    find(name).classList.toggle("shown", isShown);
    find(`show-${name}`).setAttribute("aria-expanded", String(isShown));
  }
  if (id !== undefined) find(id).querySelector(".back").focus();
}

find("join").addEventListener("submit", (event) => {
  event.preventDefault();
  join(find("name").value.trim());
});

find("use-suggestion").addEventListener("click", ({ currentTarget }) => {
  find("name").value = currentTarget.dataset.name;
  join(currentTarget.dataset.name);
});

find("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = find("message").value.trim();
  find("message").focus();
  if (text === "") return;
  find("message").value = "";
  fitMessage();
  sayIt(text, people.to);
});

find("message").addEventListener("input", fitMessage);
find("message").addEventListener("keydown", (event) => {
  // Enter also ends a composition (IME), which does not end the message.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  find("compose").requestSubmit();
});

for (const name of ["people", "connection"]) {
  find(`show-${name}`).addEventListener("click", () => {
    const isShown = find(name).classList.contains("shown");
    showSide(isShown ? undefined : name);
  });
  find(name)
    .querySelector(".back")
    .addEventListener("click", () => {
      showSide(undefined);
      find(`show-${name}`).focus();
    });
}

document.addEventListener("keydown", ({ key }) => {
  const shown = document.querySelector("#side .shown");
  if (key !== "Escape" || shown === null) return;
  showSide(undefined);
  find(`show-${shown.id}`).focus();
});

// A wide page has space for all parts.
matchMedia("(width >= 48rem)").addEventListener("change", () => showSide(undefined));

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) showUnseen(0);
});

addEventListener("beforeunload", (event) => {
  // Messages that the server has not accepted are lost with the page.
  if (chat.waiting > 0) event.preventDefault();
});

// The other language's name, in that language.
const other = language === "zh" ? "en" : "zh";
const link = find("language");
link.href = `?lang=${other}`;
link.lang = link.hreflang = other;
setText(link, other === "zh" ? "中文" : "English");

if (chat.userName !== undefined) find("name").value = chat.userName;
document.documentElement.classList.remove("loading");
if (chat.userName === undefined) find("name").focus();
