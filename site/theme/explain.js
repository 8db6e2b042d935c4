// Explains the lines that a SteadySocket logs: docs/guides/debugging.md lists them.

const actions = {
  retry: "retry after the usual delay",
  later: "retry after a longer delay",
  at_once: "retry without a delay",
  fatal: "close the socket",
};

/** The reasons for what a line says, by its form. */
const explanations = [
  [/^created /, () => "The constructor returns at once; the connection is made in the background."],
  [
    /^connecting to .*attempt (\d+)/,
    ([, attempt]) =>
      attempt === "1"
        ? "The first attempt since the last stable connection. It may take up to connectTimeout (3 s here)."
        : "The delay is over. The attempt may take up to connectTimeout (3 s here).",
  ],
  [
    /^next: (\w+) by the server's retry-after/,
    () => "The close reason contains retry-after=3: the server decides on the delay.",
  ],
  [
    /^next: (\w+) by (.+?)(?: for ([\d-]+))?$/,
    ([, action, by, codes]) =>
      `Rule: ${actions[action] ?? action}. It comes from ${by}${codes ? ` for the close codes ${codes}` : ""}; reconnect.closeRules and reconnect.decide change it.`,
  ],
  [
    /-> waiting, attempt \d+ in \d+ ms \(.*retry-after/,
    () =>
      "The 3 s that the server has asked for, and a random part of the usual delay, so that its clients do not return at the same moment.",
  ],
  [
    /-> waiting, attempt (\d+) in (\d+) ms/,
    ([, attempt]) =>
      attempt === "2"
        ? "The first delay is random, 0 to 1 s, so that the clients of a server do not return at the same moment."
        : "The upper bound of the random delay doubles with every attempt, up to 5 s.",
  ],
  [/-> open/, () => "Messages in the queue follow, in order, once the session is agreed on."],
  [
    /^error heartbeat_timeout/,
    () =>
      "No answer to a ping within heartbeat.timeout (1 s here). The browser reports no error for a silent network, so the heartbeat detects it.",
  ],
  [/^error connect_timeout/, () => "The attempt got no answer within connectTimeout (3 s here)."],
  [/^error connection_failed/, () => "The server is unreachable."],
  [/^closed with 1006/, () => "1006: there was no close frame."],
  [/^queued /, () => "There is no connection: the message waits in the queue."],
  [
    /^sent /,
    () =>
      "Kept until the server has acknowledged it. A copy that is lost on the way is sent again.",
  ],
  [/^session new/, () => "Both sides number their messages from now on."],
  [
    /^session resumed/,
    () =>
      "Client and server compare numbers: what was lost on the way is sent again, and what has arrived is not.",
  ],
];

/** Splits a logged line into what happened and why. */
export function explain(line) {
  const what = line.replace(/^steadysocket #\d+ \+\d+ms /, "");
  for (const [form, because] of explanations) {
    const match = form.exec(what);
    if (match) return { what, why: because(match) };
  }
  return { what, why: "" };
}
