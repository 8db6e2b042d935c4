/**
 * Whether --test-name-pattern excludes a test: Node 20 reports such a test as skipped, newer
 * versions do not report it.
 */
export function isLeftOut({ data }) {
  return data?.skip === "test name does not match pattern";
}
