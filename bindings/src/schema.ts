import { fail, members } from "./read-options.js";
import { report, type Validate } from "./routes.js";

/**
 * A validator of a library that implements the Standard Schema specification (standardschema.dev),
 * such as Zod, Valibot or ArkType.
 */
export interface Schema<Output = unknown> {
  /** The properties defined by the specification. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** The name of the library. */
    readonly vendor: string;
    /** Validates a value. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Types for inference; absent at run time. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** The result of a validator: the value, possibly transformed, or issues. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One reason why a value is invalid. */
export interface SchemaIssue {
  /** A human-readable description. */
  readonly message: string;
  /** The position in the value: keys and indexes, outermost first. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const keyOf = (step: PropertyKey | { readonly key: PropertyKey }) =>
  String(typeof step === "object" ? step.key : step);

/** Formats issues as one line. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  return issues
    .map(({ message, path = [] }) =>
      path.length > 0 ? `${path.map(keyOf).join(".")}: ${message}` : message,
    )
    .join("; ");
}

/** Returns true for a validator. */
export function isSchema(value: unknown): value is Schema {
  const schema = value as Partial<Schema> | null | undefined;
  return typeof schema?.["~standard"]?.validate === "function";
}

/** Throws TypeError for a value that is not a validator. */
export function checkSchemas(schemas: object): void {
  for (const [name, value] of members("schemas.", schemas)) {
    if (!isSchema(value)) fail(name, "a Standard Schema", value);
  }
}

/**
 * Returns a function that validates the messages of a type, in order also if the validator is
 * asynchronous. Calls `invalid` with the issues of a message that fails.
 */
export function validatorOf(schema: Schema, invalid: (what: string) => void): Validate {
  /** Resolves when the last message is validated; undefined if none is pending. */
  let validated: Promise<void> | undefined;
  return (message, deliver) => {
    const handleResult = (result: SchemaResult<unknown>) => {
      if (result.issues !== undefined) invalid(issuesText(result.issues));
      else deliver(result.value);
    };
    try {
      const result = schema["~standard"].validate(message);
      // `instanceof Promise` fails for promises of another realm, and for all under zone.js.
      const isAsync = typeof (result as Partial<PromiseLike<unknown>>).then === "function";
      if (validated === undefined && !isAsync) {
        handleResult(result as SchemaResult<unknown>);
        return;
      }
      const before = validated;
      const handleLater = async () => {
        await before;
        try {
          handleResult(await result);
        } catch (error) {
          report(error);
        }
      };
      const last = handleLater().then(() => {
        if (validated === last) validated = undefined;
      });
      validated = last;
    } catch (error) {
      report(error);
    }
  };
}
