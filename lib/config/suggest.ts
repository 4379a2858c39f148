/** What somebody may have meant who mistyped a word. */

/** The candidate that is nearest to `word`, if one is near enough. */
export function nearest(
  word: string,
  candidates: readonly string[],
): string | undefined {
  const wanted = simplified(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, simplified(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  if (best !== undefined || wanted.length < 3) return best;
  // Half a word counts if it belongs to one candidate alone: "off", "timeout".
  const holders = candidates.filter((each) =>
    simplified(each).includes(wanted)
  );
  return holders.length === 1 ? holders[0] : undefined;
}

/** Case, hyphens and the like do not count: `minOn` and `min-on` are `min_on`. */
function simplified(word: string): string {
  return word.slice(0, 40).toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** How many letters must be changed, added, left out or swapped with a neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
