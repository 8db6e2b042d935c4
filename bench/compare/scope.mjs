/**
 * What a scenario started, to be stopped when it is over: the `after` that helpers of tests use.
 */
export class Scope {
  #ends = [];

  after(end) {
    this.#ends.push(end);
  }

  /** Runs `use` with a scope, and stops what was started in it, the last first. */
  static async run(use) {
    const scope = new Scope();
    try {
      return await use(scope);
    } finally {
      for (const end of scope.#ends.reverse()) await end();
    }
  }
}
