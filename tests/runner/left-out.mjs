// Tests that --test-name-pattern leaves out: Node 20 reports them as skipped, newer versions do not
// report them.

export function isLeftOut({ data }) {
  return data?.skip === "test name does not match pattern";
}
