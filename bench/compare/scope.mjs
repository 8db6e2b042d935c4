/**
 * Stops everything that a scenario has started, by the `after` that the test helpers call.
 */
export class Scope {
  #ends = [];

  after(end) {
    this.#ends.push(end);
  }

  /** Runs `use` with a scope, and stops everything started in it, in reverse order. */
  static async run(use) {
    const scope = new Scope();
    try {
      return await use(scope);
    } finally {
      for (const end of scope.#ends.reverse()) await end();
    }
  }
}
