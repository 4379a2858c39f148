/** What a table of `kolikko.toml` is made of. */

import * as v from "valibot";
import { isTable, kindOf, shown } from "./quote.ts";
import type { Parse } from "./values.ts";

type Value<T> = v.SchemaWithPipe<
  readonly [v.UnknownSchema, v.RawTransformAction<unknown, T>]
>;
type List<T> = v.SchemaWithPipe<
  readonly [
    v.CustomSchema<unknown[], v.ErrorMessage<v.CustomIssue> | undefined>,
    v.ArraySchema<Value<T>, undefined>,
  ]
>;
type Table<E extends v.ObjectEntries> = v.SchemaWithPipe<
  readonly [
    v.CustomSchema<
      Record<string, unknown>,
      v.ErrorMessage<v.CustomIssue> | undefined
    >,
    v.ObjectSchema<E, undefined>,
  ]
>;

/** Carries `parse` out; its complaint becomes an issue. */
export function understood<I, T>(
  parse: Parse<T>,
): v.RawTransformAction<I, T> {
  return v.rawTransform<I, T>(({ dataset, addIssue, NEVER }) => {
    try {
      return parse(dataset.value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      addIssue({ message: error.message });
      return NEVER;
    }
  });
}

/** A value that `parse` takes, or its complaint. */
export function value<T>(parse: Parse<T>): Value<T> {
  return v.pipe(v.unknown(), understood<unknown, T>(parse));
}

/** The same for a key that may be left out; `otherwise` is as TOML would give it. */
export function key<T>(
  parse: Parse<T>,
  otherwise: NonNullable<unknown>,
): v.OptionalSchema<Value<T>, NonNullable<unknown>> {
  return v.optional(value(parse), otherwise);
}

/** A table; `unknownKeys` tells of the keys that it does not have. */
export function table<const E extends v.ObjectEntries>(entries: E): Table<E> {
  return v.pipe(
    v.custom<Record<string, unknown>>(
      isTable,
      (issue: v.CustomIssue) =>
        `found ${shown(issue.input)}, wanted a table` +
        (Array.isArray(issue.input)
          ? "; its header has one bracket on each side"
          : ""),
    ),
    v.object(entries),
  );
}

/** An array whose elements are all looked at. */
export function list<T>(parse: Parse<T>, wanted: string): List<T> {
  return v.pipe(
    v.custom<unknown[]>(
      Array.isArray,
      (issue: v.CustomIssue) =>
        `found ${kindOf(issue.input)}, wanted ${wanted}`,
    ),
    v.array(value(parse)),
  );
}
