/** What is understood of the file although parts of it are wrong. */

import type { Path } from "./schema.ts";

/** The same with anything possibly missing, at any depth. */
export type Draft<T> = T extends readonly (infer E)[]
  ? readonly (Draft<E> | undefined)[]
  : T extends object ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
  : T;

/**
 * Takes out of a schema's output what is wrong, so that what is left can be
 * checked all the same: the owner hears of everything at once.
 */
export function toDraft<T>(output: unknown, wrong: readonly Path[]): Draft<T> {
  const root = { output };
  for (const path of wrong) clear(root, ["output", ...path]);
  // Whatever is not well-formed has been cleared just now.
  return root.output as Draft<T>;
}

function clear(root: object, path: Path): void {
  let parent: unknown = root;
  for (const key of path.slice(0, -1)) {
    if (typeof parent !== "object" || parent === null) return;
    parent = Reflect.get(parent, key);
  }
  const last = path.at(-1);
  if (typeof parent !== "object" || parent === null || last === undefined) {
    return;
  }
  if (Object.hasOwn(parent, last)) Reflect.set(parent, last, undefined);
}
