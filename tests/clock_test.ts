import { assertEquals } from "@std/assert";
import type { ClockShift, LocalMoment } from "../lib/core/types.ts";

const HOUR_MS = 3_600_000;

/** Runs code in a child whose clock on the wall is that of a zone; returns what it says. */
async function inZone<T>(zone: string, code: string): Promise<T> {
  const imports = ["clock.ts", "core/quiet_hours.ts"].map((name) =>
    `import * as ${name.replace(/\W|core/g, "")} from "${
      import.meta.resolve(`../lib/${name}`)
    }";`
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", [...imports, code].join("\n")],
    env: { TZ: zone, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function moments(
  zone: string,
  times: readonly string[],
): Promise<LocalMoment[]> {
  return inZone(
    zone,
    `console.log(JSON.stringify(${JSON.stringify(times)}.map((time) =>
      clockts.localMoment(new Date(time)))));`,
  );
}

/** A test in other zones: Windows takes none from the environment. */
function zoneTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os === "windows", fn });
}

zoneTest(
  "localMoment() reads the local day, hour and millisecond",
  async () => {
    assertEquals(
      await moments("Asia/Kolkata", [
        "2026-01-04T18:29:59.999Z",
        "2026-01-04T18:30:00Z",
      ]),
      [
        { weekday: 0, minuteOfDay: 1439, msOfMinute: 59_999 },
        { weekday: 1, minuteOfDay: 0, msOfMinute: 0 },
      ],
    );
  },
);

/** Where and when the clocks of this world jump. */
const JUMPS: readonly (readonly [string, string, number])[] = [
  ["Europe/Helsinki", "2026-03-29T01:00:00Z", HOUR_MS],
  ["Europe/Helsinki", "2026-10-25T01:00:00Z", -HOUR_MS],
  ["America/New_York", "2026-03-08T07:00:00Z", HOUR_MS],
  ["America/New_York", "2026-11-01T06:00:00Z", -HOUR_MS],
  ["Australia/Lord_Howe", "2026-10-03T15:30:00Z", HOUR_MS / 2],
  ["Australia/Lord_Howe", "2026-04-04T15:00:00Z", -HOUR_MS / 2],
  // At midnight.
  ["Asia/Beirut", "2026-03-28T22:00:00Z", HOUR_MS],
];

zoneTest(
  "localMoment() knows the next jump to the millisecond, a week ahead",
  async () => {
    for (const [zone, time, byMs] of JUMPS) {
      const at = Date.parse(time);
      const week = 7 * 24 * HOUR_MS;
      const asked = [week + 1, week, 3 * HOUR_MS, 1, 0].map((ms) =>
        new Date(at - ms).toISOString()
      );
      const shifts = (await moments(zone, asked)).map(({ shift }) => shift);
      const expected: (ClockShift | undefined)[] = [
        undefined,
        { inMs: week, byMs },
        { inMs: 3 * HOUR_MS, byMs },
        { inMs: 1, byMs },
        undefined,
      ];
      assertEquals(shifts, expected, `${zone} ${time}`);
    }
  },
);

zoneTest("localMoment() knows of no jump where there is none", async () => {
  const [moment] = await moments("UTC", ["2026-03-29T00:59:00Z"]);
  assertEquals(moment, { weekday: 0, minuteOfDay: 59, msOfMinute: 0 });
});

/**
 * For each minute around a jump: when quiet hours are said to end, beside the
 * first minute that is not quiet by the clock on the wall.
 */
const WALK = `
  const windows = WINDOWS;
  const isQuiet = (at, window) => {
    const { shift: _, ...plain } = clockts.localMoment(new Date(at));
    return quiet_hoursts.quietForMs([window], plain) !== undefined;
  };
  const wrong = [];
  let checked = 0;
  for (const window of windows) {
    let end = JUMP + 60 * 3_600_000;
    while (isQuiet(end, window)) end += 60_000;
    for (let at = end; at > JUMP - 30 * 3_600_000; at -= 60_000) {
      if (!isQuiet(at, window)) { end = at; continue; }
      const ms = quiet_hoursts.quietForMs([window], clockts.localMoment(new Date(at)));
      checked += 1;
      if (at + ms !== end) wrong.push([JSON.stringify(window), new Date(at).toString(), ms]);
    }
  }
  console.log(JSON.stringify({ checked, wrong: wrong.slice(0, 5) }));
`;

zoneTest(
  "quietForMs() ends when the clock on the wall says so, in all these nights",
  async () => {
    const days = [0, 1, 2, 3, 4, 5, 6];
    const windows = [
      [1320, 360],
      [1320, 150],
      [150, 300],
      [135, 165],
      [95, 125],
      [0, 180],
      [120, 180],
      [180, 240],
      [1410, 30],
      [60, 60 + 1],
    ].map(([fromMinute, toMinute]) => ({ days, fromMinute, toMinute }));
    await Promise.all(JUMPS.map(async ([zone, time]) => {
      const code = WALK.replace("WINDOWS", JSON.stringify(windows))
        .replaceAll("JUMP", String(Date.parse(time)));
      const { checked, wrong } = await inZone<
        { checked: number; wrong: unknown[] }
      >(zone, code);
      assertEquals(wrong, [], `${zone} ${time}`);
      assertEquals(checked > 1_000, true);
    }));
  },
);
