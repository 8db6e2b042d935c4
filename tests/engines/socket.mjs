// The package in a tab: a socket, and a log of its events.

/**
 * Creates `globalThis.socket` in the page, and `globalThis.log`, a list of its events, and resolves
 * when it is open. Math.random() is 0.5, so that no random delay is short by chance.
 */
export async function connect(tab, url, options = {}) {
  await tab.evaluate(
    async ([url, options]) => {
      const { SteadySocket } = await import("/steadysocket.js");
      Math.random = () => 0.5;
      const socket = new SteadySocket(url, [], options);
      const log = [];
      socket.addEventListener("open", () => log.push("open"));
      socket.addEventListener("error", ({ code }) => log.push(["error", code].join(" ").trim()));
      socket.addEventListener("close", ({ code, reason, wasClean, willRetry }) =>
        log.push(`close ${[code, reason, wasClean, willRetry].join(" ")}`),
      );
      socket.addEventListener("message", ({ data }) => log.push(`message ${data}`));
      Object.assign(globalThis, { socket, log });
    },
    [url, options],
  );
  await isIn(tab, "open");
}

/** Resolves when the socket is in this state. */
export const isIn = (tab, state) =>
  tab.until((state) => globalThis.socket.state === state, state, `a socket that is ${state}`);

/** Resolves when the log has this line since the last takeLog(). */
export const logged = (tab, line) =>
  tab.until((line) => globalThis.log.includes(line), line, `the socket to report "${line}"`);

/** Resolves to the log, and clears it. */
export const takeLog = (tab) => tab.evaluate(() => globalThis.log.splice(0));

export const send = (tab, ...texts) =>
  tab.evaluate((texts) => texts.map((text) => globalThis.socket.send(text).status), texts);
