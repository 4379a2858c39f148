import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RunEntry } from "../../lib/core/run_entry.ts";
import { AtomicFile } from "../../lib/service/atomic_file.ts";
import { RunRecord } from "../../lib/service/run_record.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { FakeFiles } from "../fakes/fake_files.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";

const PATH = "/state/rig.runs.json";

function entry(mark: string, some: Partial<RunEntry> = {}): RunEntry {
  return {
    command: "cpu",
    mark,
    pid: 4711,
    startTicks: 1_176_027,
    boot: "d4a456d9",
    at: 1_700_000_000_000,
    ...some,
  };
}

function make(files = new FakeFiles()) {
  const clock = new FakeClock();
  const log = new RecordedLog();
  const file = new AtomicFile({ path: PATH, files });
  const record = new RunRecord({ file, clock, log });
  return { files, clock, log, record };
}

/** Lets all writes finish that nothing holds up; a checksum is made on another thread. */
async function written({ files }: { files: FakeFiles }): Promise<void> {
  for (let quiet = 0; quiet < 5; quiet += 1) {
    const { writes } = files;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await settle();
    if (files.writes !== writes) quiet = 0;
  }
}

/** What the next controller finds. */
async function next(files: FakeFiles) {
  const made = make(files);
  await made.record.load();
  return made;
}

/** A record with this text, whatever it says. */
async function withText(text: string) {
  const files = new FakeFiles();
  await new AtomicFile({ path: PATH, files }).write(text);
  return await next(files);
}

Deno.test("RunRecord tells the next controller what was started and not proven gone", async () => {
  const made = make();
  const { record, files } = made;
  await record.load();
  record.put(entry("a"));
  record.put(entry("b", { startTicks: "133770000000000000", boot: "" }));
  record.put(entry("c", { pid: 0 }));
  record.remove("a");
  record.remove("never seen");
  const wanted = [
    entry("b", { startTicks: "133770000000000000", boot: "" }),
    entry("c", { pid: 0 }),
  ];
  assertEquals(record.entries(), wanted);
  await written(made);
  const later = await next(files);
  assertEquals(later.record.entries(), wanted);
  assertEquals(later.log.lines, []);
});

Deno.test("RunRecord.put() replaces a run of the same mark", async () => {
  const { record } = make();
  record.put(entry("a", { pid: 0 }));
  record.put(entry("a", { pid: 12 }));
  assertEquals(record.entries(), [entry("a", { pid: 12 })]);
  await record.close(0);
});

Deno.test("RunRecord writes the changes of one moment once", async () => {
  const made = make();
  for (let count = 0; count < 100; count += 1) {
    made.record.put(entry(`m${count}`));
  }
  made.record.remove("m7");
  assertEquals(made.files.writes, 0);
  await written(made);
  assertEquals(made.files.writes, 1);
  assertEquals((await next(made.files)).record.entries().length, 99);
});

Deno.test("RunRecord takes changes while a write hangs, and writes the latest after it", async () => {
  const files = new FakeFiles();
  const hang = Promise.withResolvers<void>();
  const inner = new AtomicFile({ path: PATH, files });
  const texts: string[] = [];
  const file = {
    read: () => inner.read(),
    async write(text: string) {
      texts.push(text);
      if (texts.length === 1) await hang.promise;
      await inner.write(text);
    },
  };
  const clock = new FakeClock();
  const record = new RunRecord({ file, clock, log: new RecordedLog() });
  record.put(entry("a"));
  await settle();
  record.put(entry("b"));
  record.remove("a");
  record.put(entry("c"));
  await settle();
  assertEquals(texts.length, 1);
  assertEquals(record.entries().length, 2);
  hang.resolve();
  await written({ files });
  assertEquals(texts.length, 2);
  assertEquals(
    (await next(files)).record.entries(),
    [entry("b"), entry("c")],
  );
});

Deno.test("RunRecord tells a disk that fails once in ten minutes, and writes when it can again", async () => {
  const made = make();
  const { record, files, clock, log } = made;
  record.put(entry("a"));
  await written(made);
  files.freeBytes = 20;
  record.put(entry("b"));
  await written(made);
  assertEquals(log.loud.length, 1);
  assertStringIncludes(log.loud[0] ?? "", "Cannot write the record of runs");
  for (let minute = 1; minute < 10; minute += 1) {
    await clock.advance(60_000);
    await written(made);
  }
  assertEquals(log.loud.length, 1);
  // The old good file is still there.
  assertEquals((await next(files)).record.entries(), [entry("a")]);
  for (let minute = 10; minute < 12; minute += 1) {
    await clock.advance(60_000);
    await written(made);
  }
  assertEquals(log.loud.length, 2);
  files.freeBytes = Infinity;
  await clock.advance(60_000);
  await written(made);
  assertEquals((await next(files)).record.entries().length, 2);
});

Deno.test("RunRecord tries a disk that failed at once when something changes", async () => {
  const made = make();
  const { record, files } = made;
  files.faults.rename = new Error("Read-only file system (os error 30)");
  record.put(entry("a"));
  await written(made);
  delete files.faults.rename;
  record.put(entry("b"));
  await written(made);
  assertEquals((await next(files)).record.entries().length, 2);
});

Deno.test("RunRecord is empty and says so when its file is damaged, and silent when there is none", async () => {
  const none = make();
  await none.record.load();
  assertEquals(none.log.lines, []);
  const files = new FakeFiles();
  files.contents.set(PATH, new TextEncoder().encode('[{"v":1,"com'));
  const { record, log } = await next(files);
  assertEquals(record.entries(), []);
  assertEquals(log.loud.length, 1);
  assertStringIncludes(log.loud[0] ?? "", "does not begin with a checksum");
});

Deno.test("RunRecord refuses each entry of another version or with a wrong type, and keeps the rest", async () => {
  const good = { v: 1, ...entry("good") };
  const bad: unknown[] = [
    { ...good, v: 2 },
    { ...good, v: undefined },
    { ...good, command: "" },
    { ...good, command: 5 },
    { ...good, mark: "" },
    { ...good, mark: null },
    { ...good, mark: "m".repeat(1_001) },
    { ...good, pid: -1 },
    { ...good, pid: 1.5 },
    { ...good, pid: "4711" },
    { ...good, startTicks: null },
    { ...good, startTicks: -1 },
    { ...good, boot: undefined },
    { ...good, at: "today" },
    null,
    7,
    "text",
    [good],
  ];
  const { record, log } = await withText(JSON.stringify([...bad, good]));
  assertEquals(record.entries(), [entry("good")]);
  assertEquals(log.loud.length, bad.length);
});

Deno.test("RunRecord takes a text that is no list, or no JSON, for empty", async () => {
  for (const text of ["", "{}", "[", "null", '{"runs":[]}', "\0"]) {
    const { record, log } = await withText(text);
    assertEquals(record.entries(), []);
    assertEquals(log.loud.length, 1, text);
  }
});

Deno.test("RunRecord keeps what is put before it is loaded", async () => {
  const { record: first, ...made } = make();
  first.put(entry("a", { pid: 1 }));
  await written(made);
  const { record } = make(made.files);
  record.put(entry("a", { pid: 2 }));
  await record.load();
  assertEquals(record.entries(), [entry("a", { pid: 2 })]);
  await record.close(0);
});

Deno.test("RunRecord keeps the newest 500 runs", async () => {
  const made = make();
  for (let count = 0; count < 600; count += 1) {
    made.record.put(entry(`m${count}`));
  }
  assertEquals(made.record.entries().length, 500);
  assertEquals(made.record.entries()[0]?.mark, "m100");
  await written(made);
  assertEquals((await next(made.files)).record.entries().length, 500);
});

Deno.test("RunRecord.close() waits for the disk, but not for one that hangs or fails", async () => {
  const made = make();
  made.record.put(entry("a"));
  await made.record.close(60_000);
  assertEquals((await next(made.files)).record.entries().length, 1);

  const failing = make();
  failing.files.freeBytes = 0;
  failing.record.put(entry("a"));
  await written(failing);
  let isClosed = false;
  const closing = failing.record.close(1_000).then(() => isClosed = true);
  await failing.clock.advance(999);
  assert(!isClosed);
  await failing.clock.advance(1);
  await closing;
  await settle();
  // Nothing sleeps on, nothing is tried any more.
  assertEquals(failing.clock.nextDue(), undefined);
});
