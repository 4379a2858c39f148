import { assertEquals } from "@std/assert";
import {
  beginLife,
  endLife,
  type Lives,
  type Moment,
  NO_LIVES,
} from "../../lib/core/crash_loop.ts";
import { MIN, S } from "./make.ts";

const HOUR = 60 * MIN;
const HOLD = 30 * MIN;

/** So long after the beginning, in the same boot of the machine. */
function at(ms: number, but: Partial<Moment> = {}): Moment {
  return { boot: "b1", upMs: 1_000 + ms, wallMs: 5_000_000 + ms, ...but };
}

/** Starts at these moments, of which each but the last ended uncleanly. */
function crashes(moments: readonly Moment[], before: Lives = NO_LIVES) {
  let lives = before;
  const holds: (number | undefined)[] = [];
  for (const moment of moments) {
    const began = beginLife(lives, moment);
    lives = began.lives;
    holds.push(began.hold?.forMs);
  }
  return { lives, holds };
}

Deno.test("beginLife() holds heat for 30 minutes after the fifth unclean end within an hour", () => {
  const moments = [0, 1, 2, 3, 4, 5].map((each) => at(each * MIN));
  const { holds, lives } = crashes(moments);
  assertEquals(holds.slice(0, 5), Array(5).fill(undefined));
  assertEquals(holds[5], HOLD);
  assertEquals(beginLife(lives, at(6 * MIN)).hold, {
    forMs: HOLD - MIN,
    ends: 5,
  });
});

Deno.test("beginLife() does not count what ended in order, nor what is an hour ago", () => {
  let lives = NO_LIVES;
  for (let each = 0; each < 20; each += 1) {
    const began = beginLife(lives, at(each * S));
    assertEquals(began.hold, undefined);
    lives = endLife(began.lives);
  }
  assertEquals(lives.ends, []);
  // The first of five is seen at 10 minutes.
  const slow = [0, 10, 20, 30, 40].map((each) => at(each * MIN));
  const before = crashes(slow).lives;
  assertEquals(before.ends.length, 4);
  assertEquals(beginLife(before, at(10 * MIN + HOUR)).hold, undefined);
  assertEquals(beginLife(before, at(10 * MIN + HOUR - 1)).hold?.forMs, HOLD);
});

Deno.test("beginLife() goes on with a hold over restarts, and never makes it longer", () => {
  const { lives } = crashes([0, 1, 2, 3, 4, 5].map((each) => at(each * S)));
  const from = 5 * S;
  // It ends in order or not: the hold is the same.
  for (const before of [lives, endLife(lives)]) {
    assertEquals(
      beginLife(before, at(from + HOLD - 1)).hold,
      { forMs: 1, ends: 5 },
    );
    assertEquals(beginLife(before, at(from + HOLD)).hold, undefined);
  }
  // One more within it changes nothing; five more hold heat again once it is over.
  const inside = [10, 20, 30, 40, 50].map((each) => at(each * S));
  const after = crashes(inside, lives);
  assertEquals(
    after.holds,
    [10, 20, 30, 40, 50].map((each) => HOLD + from - each * S),
  );
  assertEquals(beginLife(after.lives, at(from + HOLD)).hold, {
    forMs: HOLD,
    ends: 5,
  });
  const once = crashes([at(10 * S)], lives).lives;
  assertEquals(beginLife(once, at(from + HOLD)).hold, undefined);
});

Deno.test("beginLife() goes by the uptime within a boot, whatever the clock on the wall does", () => {
  const moments = [0, 1, 2, 3, 4, 5].map((each) =>
    at(each * MIN, { wallMs: 5_000_000 - each * 24 * HOUR })
  );
  const { holds, lives } = crashes(moments);
  assertEquals(holds.at(-1), HOLD);
  const jumped = at(15 * MIN, { wallMs: 5_000_000 + 24 * HOUR });
  assertEquals(beginLife(lives, jumped).hold?.forMs, HOLD - 10 * MIN);
});

Deno.test("beginLife() counts power cuts, also of machines whose clock stands still meanwhile", () => {
  const boots = [0, 1, 2, 3, 4, 5].map((each): Moment => ({
    boot: `b${each}`,
    upMs: 20 * S,
    wallMs: 5_000_000,
  }));
  const { holds, lives } = crashes(boots);
  assertEquals(holds.at(-1), HOLD);
  // A clock that was set back: at least as long as the machine is up by now.
  const later = { boot: "b9", upMs: 10 * MIN, wallMs: 0 };
  assertEquals(beginLife(lives, later).hold?.forMs, HOLD - 10 * MIN);
  const right = { boot: "b9", upMs: 10 * MIN, wallMs: 5_000_000 + HOLD };
  assertEquals(beginLife(lives, right).hold, undefined);
});

Deno.test("beginLife() goes by the wall where the boot or the uptime is hidden", () => {
  const hidden = (ms: number): Moment => ({
    boot: "",
    upMs: undefined,
    wallMs: 5_000_000 + ms,
  });
  const { lives, holds } = crashes([0, 1, 2, 3, 4, 5].map(hidden));
  assertEquals(holds.at(-1), HOLD);
  assertEquals(beginLife(lives, hidden(5 + MIN)).hold?.forMs, HOLD - MIN);
  assertEquals(beginLife(lives, hidden(-HOUR)).hold?.forMs, HOLD);
  const noUptime = { boot: "b1", upMs: undefined, wallMs: 5_000_000 };
  const held = crashes(Array(6).fill(noUptime)).lives;
  const later = { ...noUptime, wallMs: 5_000_000 + MIN };
  assertEquals(beginLife(held, later).hold?.forMs, HOLD - MIN);
});

Deno.test("beginLife() holds heat once if it cannot be known how earlier lives ended", () => {
  const { lives, hold } = beginLife(undefined, at(0));
  assertEquals(hold, { forMs: HOLD, ends: undefined });
  assertEquals(beginLife(lives, at(MIN)).hold, {
    forMs: HOLD - MIN,
    ends: undefined,
  });
  assertEquals(beginLife(endLife(lives), at(HOLD)).hold, undefined);
});
