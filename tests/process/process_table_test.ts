import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseHelperOutput } from "../../lib/process/helper_table.ts";
import {
  FirstAllowedTable,
  isLiving,
  parseMark,
  parseStat,
  parseUptime,
  type ProcessEntry,
  type ProcessLook,
  type ProcessTable,
  TableRefused,
} from "../../lib/process/process_table.ts";

const PLAIN =
  "17406 (xmrig) S 17300 17406 17406 0 -1 4194560 10 0 0 0 5 3 0 0 20 0 9 0 1176027 1234 99 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0";

function entryOf(text: string): ProcessEntry {
  const entry = parseStat(text);
  if (entry === undefined) throw new Error(`Cannot parse "${text}"`);
  return entry;
}

function tableOf(look: () => ProcessLook): ProcessTable & { reads: number } {
  return {
    reads: 0,
    read() {
      this.reads += 1;
      return new Promise((resolve) => resolve(look()));
    },
  };
}

Deno.test("parseStat() reads a captured line", () => {
  assertEquals(parseStat(PLAIN), {
    pid: 17406,
    ppid: 17300,
    pgid: 17406,
    sid: 17406,
    state: "S",
    threads: 9,
    startTicks: 1176027,
    name: "xmrig",
    kernel: false,
    mark: undefined,
  });
});

Deno.test("parseStat() takes a name with brackets and spaces to its last bracket", () => {
  const entry = entryOf(PLAIN.replace("(xmrig)", "(a) S 1 1 (b ) Z)"));
  assertEquals([entry.name, entry.state, entry.ppid], [
    "a) S 1 1 (b ) Z",
    "S",
    17300,
  ]);
});

Deno.test("parseStat() knows kernel threads by their flag", () => {
  const line = PLAIN.replace(" 4194560 ", " 69238880 ");
  assertEquals(entryOf(line).kernel, true);
});

Deno.test("parseStat() refuses what is cut or no such line", () => {
  for (
    const text of ["", "1 (a", PLAIN.slice(0, 60), "x (a) S 1 2 3", ") (1 S"]
  ) {
    assertEquals(parseStat(text), undefined, text);
  }
});

Deno.test("isLiving() counts a zombie only while threads of it still run", () => {
  const zombie = PLAIN.replace(") S ", ") Z ");
  assertEquals(isLiving(entryOf(PLAIN)), true);
  assertEquals(isLiving(entryOf(zombie)), true);
  assertEquals(
    isLiving(entryOf(zombie.replace(" 20 0 9 ", " 20 0 1 "))),
    false,
  );
  assertEquals(
    isLiving(
      entryOf(PLAIN.replace(" 20 0 9 ", " 20 0 0 ").replace(") S ", ") X ")),
    ),
    false,
  );
  assertEquals(isLiving(entryOf(PLAIN.replace(") S ", ") D "))), true);
});

Deno.test("parseMark() finds the variable at the start of an entry only", () => {
  assertEquals(parseMark("A=1\0KOLIKKO_MARK=m1\0B=2\0"), "m1");
  assertEquals(parseMark("KOLIKKO_MARK=m1"), "m1");
  assertEquals(
    parseMark("X=KOLIKKO_MARK=m1\0NOT_KOLIKKO_MARK=m2\0"),
    undefined,
  );
  assertEquals(parseMark(""), undefined);
});

Deno.test("parseUptime() counts ticks since the boot", () => {
  assertEquals(parseUptime("11760.27 40000.00\n"), 1176027);
  // Times 100 many of these are a little less than whole: 10.29, for one.
  for (let ticks = 0; ticks < 1_000_000; ticks += 7) {
    const text = `${Math.trunc(ticks / 100)}.${
      `${ticks % 100}`.padStart(2, "0")
    }`;
    assertEquals(parseUptime(`${text} 1.00\n`), ticks);
  }
  assertThrows(() => parseUptime(""), Error, "number of seconds");
});

const OTHER = PLAIN.replace("17406 (xmrig)", "17 (sh)");

/** What the helper prints: the table, the marks, the table again. */
function helperOutput(
  before: readonly string[],
  marks: readonly string[],
  after: readonly string[],
): ProcessLook {
  const border = "\n--kolikko--\n";
  const output = ["11760.27 1.0", ...before, ""].join("\n") + border +
    marks.map((mark) => `${mark}\0`).join("") + border +
    [...after, ""].join("\n") + border;
  return parseHelperOutput(output, { sinceTicks: 1_000_000, helperPid: 99 });
}

const MARK = "/proc/17406/environ:KOLIKKO_MARK=m1";

Deno.test("parseHelperOutput() gives a mark to the process that had it before and after", () => {
  const reborn = OTHER.replace("1176027", "1176999");
  const look = helperOutput(
    [PLAIN, OTHER],
    [MARK, "/proc/17/environ:KOLIKKO_MARK=m1"],
    [PLAIN, reborn],
  );
  assertEquals(look.ticks, 1176027);
  assertEquals(look.entries.map((it) => [it.pid, it.mark]), [
    [17406, "m1"],
    [17, undefined],
  ]);
});

Deno.test("parseHelperOutput() does without marks when the helper hung at them", () => {
  const options = { sinceTicks: 0, helperPid: 99 };
  const border = "\n--kolikko--\n";
  const cut = `1.0 1.0\n${PLAIN}\n${border}${MARK}\0`;
  const look = parseHelperOutput(cut, options);
  assertEquals(look.isSharp, false);
  assertEquals(look.entries.map((it) => it.mark), [undefined]);
  assertThrows(
    () => parseHelperOutput(`1.0 1.0\n${PLAIN}`, options),
    Error,
    "no full answer",
  );
});

Deno.test("parseHelperOutput() calls a look sharp when nobody young came or went, the helper aside", () => {
  const helper = PLAIN.replace(" 17406 17406 ", " 99 17406 ")
    .replace("17406 (", "98 (");
  const old = OTHER.replace("1176027", "999");
  const dead = PLAIN.replace(") S ", ") Z ").replace(" 20 0 9 ", " 20 0 1 ");
  const gone = "cat: /proc/55/stat: No such file or directory";
  const cases: [string, boolean, string[], string[]][] = [
    ["nothing moved", true, [PLAIN, OTHER], [OTHER, PLAIN]],
    ["a helper came", true, [PLAIN], [PLAIN, helper]],
    ["an old one went", true, [PLAIN, old], [PLAIN]],
    ["one came", false, [PLAIN], [PLAIN, OTHER]],
    ["one went", false, [PLAIN, OTHER], [PLAIN]],
    ["one died", false, [PLAIN], [dead]],
    ["one was dead", true, [dead], [dead]],
    ["one was gone before it was read", false, [PLAIN, gone], [PLAIN]],
  ];
  for (const [what, isSharp, before, after] of cases) {
    assertEquals(helperOutput(before, [], after).isSharp, isSharp, what);
  }
});

Deno.test("FirstAllowedTable takes the first one that is not refused and stays with it", async () => {
  const self = { ...entryOf(PLAIN), pid: Deno.pid };
  const refused = tableOf(() => {
    throw new TableRefused("closed");
  });
  const good = tableOf(() => ({ ticks: 1, isSharp: true, entries: [self] }));
  const table = new FirstAllowedTable([refused, good]);
  assertEquals((await table.read()).ticks, 1);
  await table.read();
  assertEquals([refused.reads, good.reads], [1, 2]);
});

Deno.test("FirstAllowedTable says all refusals when nothing is allowed", async () => {
  const refusal = (why: string) =>
    tableOf(() => {
      throw new TableRefused(why);
    });
  const table = new FirstAllowedTable([refusal("no proc"), refusal("no sh")]);
  await assertRejects(() => table.read(), TableRefused, "no proc; no sh");
});

Deno.test("FirstAllowedTable trusts no table without the controller in it", async () => {
  const table = new FirstAllowedTable([
    tableOf(() => ({ ticks: 1, isSharp: true, entries: [] })),
  ]);
  await assertRejects(() => table.read(), Error, "Cannot trust the table");
});

Deno.test("FirstAllowedTable does not fall back to less once a look has worked", async () => {
  const self = { ...entryOf(PLAIN), pid: Deno.pid };
  let isClosed = false;
  const table = new FirstAllowedTable([
    tableOf(() => {
      if (isClosed) throw new TableRefused("closed");
      return { ticks: 1, isSharp: true, entries: [self] };
    }),
  ]);
  await table.read();
  isClosed = true;
  const error = await assertRejects(() => table.read(), Error, "closed");
  assertEquals(error instanceof TableRefused, false);
});

Deno.test("parseUptime() does not put a whole table into its error", () => {
  const error = assertThrows(() => parseUptime("x".repeat(10_000)), Error);
  assertEquals(error.message.length < 200, true);
});

Deno.test("parseHelperOutput() is not sharp where processes are hidden or could not be read", () => {
  const options = { sinceTicks: 0, helperPid: 99 };
  const border = "\n--kolikko--\n";
  const look = (more: string) =>
    parseHelperOutput(
      `11760.27 1.0\n${PLAIN}\n${more}${border}${border}${PLAIN}\n${border}`,
      options,
    );
  assertEquals(look("").isSharp, true);
  const hidden = look("--hidden--\n");
  assertEquals(hidden.isSharp, false);
  assertEquals(hidden.hidden?.includes("hidepid"), true);
  for (
    const why of ["Permission denied", "Too many open files in system"]
  ) assertEquals(look(`cat: /proc/5/stat: ${why}\n`).isSharp, false, why);
});

Deno.test("parseHelperOutput() refuses where there is no /proc, so that the group can be the proof", () => {
  const border = "\n--kolikko--\n";
  const text =
    `cat: /proc/uptime: No such file or directory\n${PLAIN}\n${border}${border}${border}`;
  const error = assertThrows(
    () => parseHelperOutput(text, { sinceTicks: 0, helperPid: 99 }),
    TableRefused,
    "ProcSubset=pid",
  );
  assertEquals(error.message.length < 200, true);
});
