/** Everything that can change, to be put back: each object keeps its place, as closures hold on to it. */

/** Never changed once made, or of no weight for what happens. */
const FIXED: ReadonlySet<string> = new Set([
  "_options",
  "_clock",
  "_limits",
  "_heat",
  "_local",
  "_seen",
  "decision",
  "fixed",
  "heat",
  "limits",
  "opened",
  "plan",
  "quiet",
  "said",
  "setup",
]);

type Things = Record<string, unknown>;

/** A state, as it was. */
export type Saved = readonly (readonly [Things, Things])[];

/** Remembers all that can be reached from an object. */
export function save(root: object): Saved {
  const saved: [Things, Things][] = [];
  const known = new Set<unknown>();
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null || known.has(value)) return;
    known.add(value);
    const things = value as Things;
    saved.push([
      things,
      Array.isArray(value) ? [...value] as never : { ...things },
    ]);
    for (const name in things) if (!FIXED.has(name)) visit(things[name]);
  };
  visit(root);
  return saved;
}

/** Puts a state back. */
export function restore(saved: Saved): void {
  for (const [things, was] of saved) {
    if (Array.isArray(things)) things.length = (was as never as []).length;
    Object.assign(things, was);
  }
}
