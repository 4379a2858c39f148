/** Plays a table of moments, and holds each of them against what it expects. */

import { assertEquals } from "@std/assert";
import { desired, S, UNREAD } from "./make.ts";
import { type Moment, Rehearsal } from "./rehearsal.ts";

type Parts = Parameters<typeof desired>[0];

/** Plays the table with commands that nothing reads. */
export function follow(parts: Parts, table: readonly Moment[]): void {
  play(new Rehearsal(desired(parts), UNREAD), table);
}

/** The same with commands that are read whenever a moment says so. */
export function followRead(
  parts: Parts,
  table: readonly Moment[],
  { staleAfterMs } = { staleAfterMs: 30 * S },
): void {
  play(new Rehearsal(desired(parts), { isRead: true, staleAfterMs }), table);
}

function play(rehearsal: Rehearsal, table: readonly Moment[]): void {
  for (const [row, moment] of table.entries()) {
    const { does, verdicts, says } = rehearsal.play(moment);
    const where = `row ${row + 1}, at ${moment.at}`;
    assertEquals(does, moment.does ?? [], where);
    if (moment.verdicts !== undefined) {
      assertEquals(verdicts, moment.verdicts, where);
    }
    if (moment.says !== undefined) assertEquals(says, moment.says, where);
  }
}
