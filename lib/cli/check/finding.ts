/** What a check finds, and how it is shown. Pure. */

/** One line of the table. */
export interface Finding {
  /** `wrong` has to be put right; `note` is worth knowing. */
  readonly level: "ok" | "note" | "wrong";
  /** What was looked at. */
  readonly what: string;
  readonly found: string;
  /** What to do, if anything. */
  readonly advice?: string;
}

const WORDS = { ok: "ok", note: "note", wrong: "WRONG" };

/** The table; what to do stands below each line. */
export function tableOf(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ what }) => what.length));
  return findings.map(({ level, what, found, advice }) => {
    const line = `${WORDS[level].padEnd(5)}  ${what.padEnd(width)}  ${found}`;
    const margin = " ".repeat(7 + width + 2);
    return advice === undefined ? line : `${line}\n${margin}-> ${advice}`;
  }).join("\n");
}

/** The last line, which says it all. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]) =>
    findings.filter((one) => one.level === level).length;
  const [wrong, notes] = [count("wrong"), count("note")];
  const worth = notes === 0 ? "" : `, ${notes} worth knowing`;
  return wrong === 0
    ? `All is well: ${count("ok")} checked${worth}`
    : `${wrong} of ${findings.length} must be put right${worth}`;
}
