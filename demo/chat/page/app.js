// The chat page. Everything that comes from people goes into the page as text.
import { SteadySocket } from "./steadysocket.js";

const shownMessages = 500;
/** The server's name for: a frame may be an array of messages. */
const batchProtocol = "chat.batch";
/** The close code for a name that cannot be used (RFC 6455 7.4.1). */
const policyViolation = 1008;
const find = (id) => document.getElementById(id);
const page = {
  join: find("join"),
  name: find("name"),
  joinError: find("join-error"),
  chat: find("chat"),
  scroll: find("scroll"),
  messages: find("messages"),
  pending: find("pending"),
  notice: find("notice"),
  compose: find("compose"),
  message: find("message"),
  send: find("send"),
  online: find("online"),
  status: find("status"),
  toggle: find("toggle"),
};

const stateWords = {
  idle: "Not connected",
  connecting: "Connecting …",
  open: "Connected",
  waiting: "Reconnecting",
  suspended: "Offline",
  closing: "Disconnecting …",
  closed: "Disconnected",
};
const deliveryWords = {
  waiting: "waiting",
  sending: "sending",
  unconfirmed: "not confirmed",
  failed: "not sent",
  sent: "✓ sent",
};

let socket;
let userName = "";
let greeting = "Welcome";
let lastRef = 0;
/** Known to the server and this page: by it my messages are confirmed, also after a reconnect. */
const key = Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");
let countdown;
/** My messages that the server has not confirmed, by the reference they carry. */
const unconfirmed = new Map();
/** The ids of messages that are shown: after a reconnect some are told again. */
const shown = new Set();

// --- What is shown ---

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Changes the page; a reader who is at the end of the messages stays there. */
function change(how) {
  const { scroll } = page;
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
  how();
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

function addLine(list, line) {
  change(() => {
    list.append(line);
    if (page.messages.children.length > shownMessages) page.messages.firstElementChild.remove();
  });
}

/** "Welcome, *name*." and its like: a name may be written in another direction than the line. */
function addEvent(before, name, after, time) {
  const line = element("li", "event", before);
  line.append(element("bdi", "", name), `${after} `, timeOf(time));
  addLine(page.messages, line);
}

function timeOf(iso) {
  const date = new Date(iso);
  const time = element(
    "time",
    "",
    date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
  );
  time.dateTime = iso;
  return time;
}

function messageLine(from, text, isMine) {
  const line = element("li", isMine ? "mine" : "", "");
  const meta = element("div", "meta", "");
  meta.append(element("bdi", "name", from));
  const body = element("div", "text", text);
  body.dir = "auto";
  line.append(meta, body);
  return line;
}

function showDelivery(line, delivery) {
  line.dataset.delivery = delivery;
  const meta = line.querySelector(".meta");
  meta.querySelector(".delivery")?.remove();
  meta.append(element("span", "delivery", deliveryWords[delivery]));
}

function showOnline(online) {
  page.online.hidden = false;
  page.online.textContent = `${online} online`;
}

function showNotice(text) {
  change(() => {
    page.notice.textContent = text;
  });
}

function showState({ state, reason }) {
  page.status.hidden = false;
  page.status.dataset.state = state;
  page.status.textContent = stateWords[state];
  page.toggle.hidden = false;
  page.toggle.textContent = state === "closed" ? "Connect" : "Disconnect";
  if (state !== "open") page.online.hidden = true;
  page.message.disabled = page.send.disabled = state === "closing" || state === "closed";

  clearInterval(countdown);
  showNotice("");
  if (state === "waiting") {
    // A server may say when to come back: not for people.
    const said = reason.replace(/[;, ]*retry-after=\d+/, "");
    const why = said ? `No connection: ${said}.` : "No connection.";
    const tell = () => {
      const seconds = Math.ceil((socket.retryIn ?? 0) / 1000);
      showNotice(`${why} Next attempt in ${seconds} s; what you write waits.`);
    };
    tell();
    countdown = setInterval(tell, 250);
  } else if (state === "suspended") {
    showNotice("No network; what you write waits.");
  } else if (state === "closed" && reason) {
    showNotice(`Closed: ${reason}.`);
  }
}

// --- The connection ---

function connect() {
  socket = new SteadySocket("/chat", [batchProtocol], {
    // What waited for a connection leaves in one frame.
    batch: { subprotocol: batchProtocol },
    // Asks a server that is silent whether it is still there.
    heartbeat: true,
    // Tells who we are on every connection, before anything that waits.
    firstMessage: { type: "join", userName, key },
  });
  socket.addEventListener("statechange", showState);

  socket.on("welcome", ({ online, time, history }) => {
    showOnline(online);
    for (const message of history) showMessage(message);
    addEvent(`${greeting}, `, userName, ".", time);
    greeting = "Welcome back";
  });
  socket.on("user-join", (message) => {
    showOnline(message.online);
    addEvent("", message.userName, " joined.", message.time);
  });
  socket.on("user-leave", (message) => {
    showOnline(message.online);
    addEvent("", message.userName, " left.", message.time);
  });
  socket.on("chat-message", showMessage);
  socket.on("error", ({ reason, ref }) => {
    showNotice(`The server says: ${reason}.`);
    mark(ref, "failed");
  });

  // What was handed to the browser when the connection ended may or may not have arrived.
  socket.addEventListener("close", ({ code, reason }) => {
    if (code === policyViolation) askAgain(reason);
    for (const [ref, { delivery }] of unconfirmed) {
      if (delivery === "sending") mark(ref, "unconfirmed");
    }
  });
  // What waited has been handed over before "open" is told.
  socket.addEventListener("open", () => {
    for (const [ref, { delivery }] of unconfirmed) {
      if (delivery === "waiting") mark(ref, "sending");
    }
  });
  socket.addEventListener("drop", ({ data, reason }) =>
    mark(JSON.parse(data).ref, reason === "unconfirmed" ? "unconfirmed" : "failed"),
  );
}

function askAgain(reason) {
  page.chat.hidden = true;
  page.join.hidden = false;
  page.joinError.textContent = `The server said: ${reason}.`;
  page.name.focus();
}

function showMessage({ id, userName: from, message, time, ref }) {
  if (shown.has(id)) return;
  shown.add(id);
  if (shown.size > shownMessages) shown.delete(shown.values().next().value);
  const own = unconfirmed.get(ref);
  const line = own?.line ?? messageLine(from, message, false);
  if (own) mark(ref, "sent");
  line.querySelector(".name").after(timeOf(time));
  addLine(page.messages, line);
}

/** What has become of a message of mine. */
function mark(ref, delivery) {
  const entry = unconfirmed.get(ref);
  if (entry === undefined) return;
  entry.delivery = delivery;
  showDelivery(entry.line, delivery);
  if (delivery === "sent" || delivery === "failed") unconfirmed.delete(ref);
  // Nothing will become of it: it stays where it is in the talk.
  if (delivery === "failed") addLine(page.messages, entry.line);
}

function send(text) {
  const ref = String(++lastRef);
  const line = messageLine(userName, text, true);
  unconfirmed.set(ref, { line });
  addLine(page.pending, line);
  const { status } = socket.send({ type: "chat", ref, message: text });
  // On an open connection it waits only for what else is sent in this task.
  const queued = socket.state === "open" ? "sending" : "waiting";
  mark(ref, { sent: "sending", queued, rejected: "failed" }[status]);
}

page.join.addEventListener("submit", (event) => {
  event.preventDefault();
  userName = page.name.value.trim();
  page.joinError.textContent = userName === "" ? "Please give a name." : "";
  if (userName === "") return;
  page.join.hidden = true;
  page.chat.hidden = false;
  page.message.focus();
  connect();
});

page.compose.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = page.message.value.trim();
  if (text === "") return;
  page.message.value = "";
  page.message.focus();
  send(text);
});

page.toggle.addEventListener("click", () => {
  if (socket.state === "closed") connect();
  else socket.close(1000, "you disconnected");
});

page.name.focus();
