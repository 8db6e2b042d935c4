/**
 * A validator of any library that follows the Standard Schema specification (standardschema.dev):
 * Zod, Valibot, ArkType and others.
 */
export interface Schema<Output = unknown> {
  /** What the specification asks for. */
  readonly "~standard": {
    /** Of the specification. */
    readonly version: 1;
    /** The name of the library. */
    readonly vendor: string;
    /** Looks at a value. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** There for TypeScript only. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** What a validator says: the value, which may be another one, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** A text for people. */
  readonly message: string;
  /** Where in the value: names and indexes, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const keyOf = (step: PropertyKey | { readonly key: PropertyKey }) =>
  String(typeof step === "object" ? step.key : step);

/** What is wrong, in one line. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  return issues
    .map(({ message, path = [] }) =>
      path.length > 0 ? `${path.map(keyOf).join(".")}: ${message}` : message,
    )
    .join("; ");
}

/** Whether something can be asked to validate. */
export function isSchema(value: unknown): value is Schema {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  const standard = isObject ? (value as Partial<Schema>)["~standard"] : undefined;
  return typeof standard?.validate === "function";
}
