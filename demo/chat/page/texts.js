// The page's texts in each language, and its format of times and numbers.

const en = {
  title: "steadysocket chat",
  joinHeading: "Join the chat",
  joinText:
    "Then stop the server, keep typing, and start it again: your messages wait and arrive in order.",
  nameLabel: "Your name",
  join: "Join",
  nameMissing: "Please enter a name.",
  useSuggestion: "Use “{name}”",
  rename: "Change my name",
  change: "Change",
  chat: "Chat",
  messages: "Messages",
  pending: "Not confirmed by the server",
  message: "Message",
  messageHint: "Message (Shift+Enter: new line)",
  send: "Send",
  to: "To",
  everyone: "Everyone",
  gone: "{name} (gone)",
  people: "People",
  online: "{count} online",
  you: "you",
  writeTo: "Write to {name} privately",
  back: "Back to the chat",
  toEnd: { one: "{count} new message", other: "{count} new messages" },

  idle: "Idle",
  connecting: "Connecting …",
  open: "Connected",
  waiting: "Reconnecting",
  suspended: "Offline",
  closing: "Closing …",
  closed: "Disconnected",

  lost: "No connection.",
  lostBy: "No connection: {reason}.",
  nextIn: "Next attempt in {seconds} s; your messages are queued.",
  noNetwork: "No network; your messages are queued.",
  closedBy: "Closed: {reason}.",
  slowDown: "More than {rate} messages a second: the rest is delayed, and none is lost.",
  tryNow: "Try now",
  connect: "Connect",
  disconnect: "Disconnect",
  byUser: "you disconnected",

  welcome: "Welcome, {name}.",
  welcomeBack: "Welcome back, {name}.",
  joined: "{name} joined.",
  left: "{name} left.",
  renamed: "{previous} is {name} now.",
  nameTaken: "Another user has the name {previous} now; you are {name}.",
  missed: "You were disconnected for too long: earlier messages are not shown.",
  earlier: {
    one: "{count} earlier line is no longer shown.",
    other: "{count} earlier lines are no longer shown.",
  },
  privateFrom: "privately to you",
  privateTo: "privately to {name}",
  announceMessage: "{name}: {text}",
  announcePrivate: "{name}, privately: {text}",
  announceMany: { one: "{count} new message", other: "{count} new messages" },

  delivery_waiting: "waiting",
  delivery_sending: "sending",
  delivery_sent: "✓ sent",
  delivery_failed: "not sent",
  delivery_failed_because: "not sent: {reason}",
  sendAgain: "Send again",

  error_malformed: "the server rejected it as malformed",
  error_not_joined: "join first",
  error_bad_name: "a name has 1 to 32 characters",
  error_name_in_use: "“{name}” is in use",
  error_bad_message: "a message has 1 to 2000 characters",
  error_no_such_user: "no user has this name",
  error_full: "the chat is full",
  error_closed: "the connection was closed",
  error_unanswered: "the connection ended before the server answered",
  error_queue_full: "too many messages are queued",
  error_other: "{code}",

  connection: "Connection",
  state: "State",
  webSocketState: "WebSocket",
  lastClose: "Last close",
  lastError: "Last error",
  nextAttempt: "Next attempt",
  inSeconds: "in {seconds} s",
  retries: "Consecutive attempts",
  connections: "Connections",
  upFor: "Up for",
  waitingCount: "Messages waiting",
  buffered: "Bytes waiting",
  received: "Messages received",
  roundTrip: "Round trip",
  smoothed: "Smoothed, jitter",
  milliseconds: "{value} ms",
  none: "none",
  code_1000: "ended",
  code_1001: "going away",
  code_1005: "no code",
  code_1006: "connection lost",
  code_1009: "too large",
  code_1012: "restart",
  code_1013: "try again later",
  code_4001: "opened elsewhere",
  log: "Log",
  copy: "Copy",
  copied: "Copied",
};

const zh = {
  title: "steadysocket 聊天室",
  joinHeading: "加入聊天",
  joinText: "加入后可以关掉服务器，继续输入，再启动它：您写的内容会等待，并按顺序送达。",
  nameLabel: "您的名字",
  join: "加入",
  nameMissing: "请输入名字。",
  useSuggestion: "使用“{name}”",
  rename: "更改名字",
  change: "更改",
  chat: "聊天",
  messages: "消息",
  pending: "服务器尚未确认",
  message: "消息",
  messageHint: "消息（Shift+Enter 换行）",
  send: "发送",
  to: "发给",
  everyone: "所有人",
  gone: "{name}（已离开）",
  people: "成员",
  online: "{count} 人在线",
  you: "您",
  writeTo: "私信给 {name}",
  back: "返回聊天",
  toEnd: { other: "{count} 条新消息" },

  idle: "未连接",
  connecting: "连接中…",
  open: "已连接",
  waiting: "等待重连",
  suspended: "离线",
  closing: "断开中…",
  closed: "已断开",

  lost: "没有连接。",
  lostBy: "没有连接：{reason}。",
  nextIn: "{seconds} 秒后重试；您写的内容会等待。",
  noNetwork: "没有网络；您写的内容会等待。",
  closedBy: "已关闭：{reason}。",
  slowDown: "每秒超过 {rate} 条消息：其余的会等待，不会丢失。",
  tryNow: "立即重试",
  connect: "连接",
  disconnect: "断开",
  byUser: "您断开了连接",

  welcome: "欢迎，{name}。",
  welcomeBack: "欢迎回来，{name}。",
  joined: "{name} 加入了。",
  left: "{name} 离开了。",
  renamed: "{previous} 改名为 {name}。",
  nameTaken: "{previous} 已被他人使用；您现在是 {name}。",
  missed: "您离开了很久：之前的内容没有显示。",
  earlier: { other: "更早的 {count} 行不再显示。" },
  privateFrom: "私信给您",
  privateTo: "私信给 {name}",
  announceMessage: "{name}:{text}",
  announcePrivate: "{name}（私信）：{text}",
  announceMany: { other: "{count} 条新消息" },

  delivery_waiting: "等待中",
  delivery_sending: "发送中",
  delivery_sent: "✓ 已送达",
  delivery_failed: "未发送",
  delivery_failed_because: "未发送：{reason}",
  sendAgain: "重新发送",

  error_malformed: "服务器无法理解",
  error_not_joined: "请先加入",
  error_bad_name: "名字为 1 至 32 个字符",
  error_name_in_use: "“{name}”已被使用",
  error_bad_message: "消息为 1 至 2000 个字符",
  error_no_such_user: "没有叫这个名字的人",
  error_full: "聊天室已满",
  error_closed: "连接已关闭",
  error_unanswered: "服务器答复之前连接已断开",
  error_queue_full: "等待的消息太多",
  error_other: "{code}",

  connection: "连接",
  state: "状态",
  webSocketState: "WebSocket",
  lastClose: "上次关闭",
  lastError: "最近的错误",
  nextAttempt: "下次尝试",
  inSeconds: "{seconds} 秒后",
  retries: "连续尝试",
  connections: "连接次数",
  upFor: "已连接",
  waitingCount: "等待的消息",
  buffered: "等待的字节",
  received: "收到的消息",
  roundTrip: "往返时间",
  smoothed: "平滑值、抖动",
  milliseconds: "{value} 毫秒",
  none: "无",
  code_1000: "已结束",
  code_1001: "离开",
  code_1005: "无代码",
  code_1006: "连接丢失",
  code_1009: "太大",
  code_1012: "重启",
  code_1013: "请稍后再试",
  code_4001: "已在别处打开",
  log: "日志",
  copy: "复制",
  copied: "已复制",
};

/** @type {Record<string, Record<string, string | Record<string, string>>>} */
const languages = { en, zh };
const asked = new URLSearchParams(location.search).get("lang");

/** The language of the page: from `?lang=`, or the first supported language of the browser. */
export const language =
  [asked, ...navigator.languages]
    .map((tag) => tag?.toLowerCase().split("-")[0])
    .find((tag) => tag !== undefined && Object.hasOwn(languages, tag)) ?? "en";

const texts = languages[language];
/** Times follow the browser's locale, unless a language was requested. */
const locale = asked === null ? undefined : language;
const plurals = new Intl.PluralRules(language);
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const second = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

/** True if there is a string with this key. */
export const hasText = (key) => Object.hasOwn(texts, key);

function template(key, values) {
  const text = texts[key];
  return typeof text === "string" ? text : (text[plurals.select(values.count)] ?? text.other);
}

/** The text with this key; `{word}` in it is replaced by the value of that name. */
export function say(key, values = {}) {
  return template(key, values).replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === "number" ? numbers.format(values[name]) : values[name],
  );
}

/** The same as nodes: values that are nodes remain nodes. */
export function phrase(key, values = {}) {
  return template(key, values)
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 === 1 ? values[part] : part));
}

/** The last formatted time, cached because formatting is slow and messages share a minute. */
const written = { minute: "", short: "", long: "" };

/** Formats an ISO 8601 time of the server: `short`, and `long` with the date. */
export function timeText(iso) {
  const minute = String(iso).slice(0, "2026-11-22T10:00".length);
  if (written.minute === minute) return written;
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return { short: "", long: "" };
  return Object.assign(written, {
    minute,
    short: clock.format(date),
    long: moment.format(date),
  });
}

/** The current time, with seconds. */
export const timeNow = () => second.format();

/** Translates the page. */
export function translatePage() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) {
    node.textContent = say(node.dataset.text);
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", say(node.dataset.label));
  }
  for (const node of document.querySelectorAll("[data-placeholder]")) {
    node.setAttribute("placeholder", say(node.dataset.placeholder));
  }
  document.title = say("title");
}
