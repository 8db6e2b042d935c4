// The package in a tab: a socket, and what it tells.

/**
 * Makes `globalThis.socket` in the page, and `globalThis.told`, a list of what it tells, and resolves
 * when it is open. Half of every random delay passes: none is short by chance.
 */
export async function connect(tab, url, options = {}) {
  await tab.evaluate(
    async ([url, options]) => {
      const { SteadySocket } = await import("/steadysocket.js");
      Math.random = () => 0.5;
      const socket = new SteadySocket(url, [], options);
      const told = [];
      socket.addEventListener("open", () => told.push("open"));
      socket.addEventListener("error", ({ code }) => told.push(["error", code].join(" ").trim()));
      socket.addEventListener("close", ({ code, reason, wasClean, willRetry }) =>
        told.push(`close ${[code, reason, wasClean, willRetry].join(" ")}`),
      );
      socket.addEventListener("message", ({ data }) => told.push(`message ${data}`));
      Object.assign(globalThis, { socket, told });
    },
    [url, options],
  );
  await isIn(tab, "open");
}

/** Resolves when the socket is in this state. */
export const isIn = (tab, state) =>
  tab.until((state) => globalThis.socket.state === state, state, `a socket that is ${state}`);

/** Resolves when the socket has told this since the last forget(). */
export const hasTold = (tab, what) =>
  tab.until((what) => globalThis.told.includes(what), what, `the socket to tell "${what}"`);

/** What was told, and forgets it. */
export const forget = (tab) => tab.evaluate(() => globalThis.told.splice(0));

export const send = (tab, ...texts) =>
  tab.evaluate((texts) => texts.map((text) => globalThis.socket.send(text).status), texts);
