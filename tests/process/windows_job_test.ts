import { assert, assertEquals, assertThrows } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { childEnvironment, drain } from "../../lib/process/child.ts";
import { commandLine } from "../../lib/process/command_line.ts";
import { openKernel32 } from "../../lib/process/kernel32.ts";
import {
  guardController,
  KILLED_CODE,
  WindowsJobs,
} from "../../lib/process/windows_job.ts";
import { StartRefused } from "../../lib/process/windows_start.ts";
import { elsewhere, lives, pidsIn, standIn, until } from "./windows_helpers.ts";

const guard = guardController();
const opened = openKernel32();

/** Starts the stand-in in a job; its lines are read. */
function start(jobs: WindowsJobs, ...args: string[]) {
  const { child, job, unheld } = jobs.start(callOf(...args), systemClock);
  assertEquals(unheld, undefined);
  assert(job !== undefined);
  const lines: string[] = [];
  const { signal } = new AbortController();
  const drained = Promise.all(
    [child.stdout, child.stderr].map((stream) =>
      drain(stream, (line) => lines.push(line), signal)
    ),
  );
  return { child, job, lines, drained };
}

function callOf(...args: string[]) {
  const { env } = childEnvironment({ env: {}, mark: "mark-1" });
  const program = Deno.execPath();
  return {
    program,
    commandLine: commandLine(program, standIn(...args), false),
    cwd: Deno.cwd(),
    env: new Map(Object.entries(env)),
  };
}

Deno.test({
  name: "guardController() says why there are no jobs elsewhere",
  ignore: !elsewhere,
  fn() {
    assertEquals(guard, {
      kind: "unguarded",
      reason: "job objects exist on Windows alone",
    });
  },
});

for (const mode of ["tree", "jobs"]) {
  Deno.test({
    name: `WindowsJob holds three generations, and kills them all (${mode})`,
    ignore: elsewhere,
    async fn() {
      assert(guard.kind === "guarded");
      const { child, job, lines, drained } = start(guard.jobs, mode, "2");
      await until("all three speak", () => pidsIn(lines).length === 3);
      const pids = pidsIn(lines);

      assertEquals(job.active(), 3);
      const remaining = job.remaining();
      assertEquals(
        remaining.map(({ pid }) => pid).toSorted(),
        pids.toSorted(),
      );
      for (const { name } of remaining) assert(name.includes("deno"), name);

      job.terminate();
      assertEquals((await child.status).code, KILLED_CODE);
      await drained;
      await until("none is left", () => job.remaining().length === 0);
      assertEquals(pids.filter(lives), []);
      job.close();
      job.close();
    },
  });
}

Deno.test({
  name: "WindowsJob holds a child whose parents have all ended",
  ignore: elsewhere,
  async fn() {
    assert(guard.kind === "guarded");
    const other = start(guard.jobs, "tree", "0");
    const { child, job, lines, drained } = start(guard.jobs, "orphan");
    assertEquals((await child.status).code, 0);
    await until("the orphan is known", () => pidsIn(lines).length > 0);

    assertEquals(job.remaining().map(({ pid }) => pid), [pidsIn(lines)[0]]);
    job.terminate();
    await drained;
    await until("none is left", () => job.remaining().length === 0);
    job.close();

    // Another tree is another's.
    assertEquals(other.job.remaining().length, 1);
    other.job.terminate();
    await Promise.all([other.child.status, other.drained]);
    await until("none is left", () => other.job.remaining().length === 0);
    other.job.close();
  },
});

Deno.test({
  name: "WindowsJobs.start() lets a program run only once it is in its job",
  ignore: elsewhere,
  async fn() {
    assert(opened.kind === "open");
    const { kernel32 } = opened;
    const calls: string[] = [];
    const jobs = new WindowsJobs({
      ...kernel32,
      CreateProcessW: (...args) => {
        // Not a moment of its own before it is let run.
        assert((args[5] & 0x4) !== 0);
        calls.push("created suspended");
        return kernel32.CreateProcessW(...args);
      },
      AssignProcessToJobObject: (...args) => {
        calls.push("held");
        return kernel32.AssignProcessToJobObject(...args);
      },
      ResumeThread: (...args) => {
        calls.push("let run");
        return kernel32.ResumeThread(...args);
      },
    });
    const before = calls.splice(0);
    assertEquals(before, ["held"]);
    const { child, job, drained } = start(jobs, "exit", "5");
    assertEquals(calls, ["created suspended", "held", "let run"]);
    assertEquals((await child.status).code, 5);
    await drained;
    job.close();
  },
});

Deno.test({
  name: "WindowsJobs.start() says why a program is in no job, and starts it",
  ignore: elsewhere,
  async fn() {
    assert(opened.kind === "open");
    const { kernel32 } = opened;
    let isOwn = true;
    const jobs = new WindowsJobs({
      ...kernel32,
      AssignProcessToJobObject: (...args) =>
        isOwn ? kernel32.AssignProcessToJobObject(...args) : 0,
    });
    isOwn = false;
    const { child, job, unheld } = jobs.start(callOf("exit", "4"), systemClock);
    assertEquals(job, undefined);
    assert(unheld?.startsWith(`Cannot put process ${child.pid} into a job`));
    assertEquals((await child.status).code, 4);
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
  },
});

Deno.test({
  name: "WindowsJob.close() kills what is left",
  ignore: elsewhere,
  async fn() {
    assert(guard.kind === "guarded");
    const { child, job, lines, drained } = start(guard.jobs, "tree", "1");
    await until("both speak", () => pidsIn(lines).length === 2);
    job.close();
    await child.status;
    await drained;
    await until("none lives", () => !pidsIn(lines).some(lives));
  },
});

Deno.test({
  name: "WindowsJobs.createdAt() tells one process from another",
  ignore: elsewhere,
  fn() {
    assert(guard.kind === "guarded");
    const own = guard.jobs.createdAt(Deno.pid);
    assert(own !== undefined && own > 0n);
    assertEquals(guard.jobs.createdAt(Deno.pid), own);
    assertEquals(guard.jobs.createdAt(0x7ffffff0), undefined);
  },
});

Deno.test({
  name: "WindowsJobs.environment() is what Windows has",
  ignore: elsewhere,
  fn() {
    assert(guard.kind === "guarded");
    const env = guard.jobs.environment();
    const own = Object.entries(Deno.env.toObject())
      .filter(([name]) => !name.startsWith("="));
    assert(own.length > 3);
    for (const [name, value] of own) assertEquals(env.get(name), value, name);
  },
});

Deno.test({
  name: "WindowsJob proves nothing while Windows does not answer, but kills",
  ignore: elsewhere,
  async fn() {
    assert(opened.kind === "open");
    let blind = true;
    const { kernel32 } = opened;
    const jobs = new WindowsJobs({
      ...kernel32,
      QueryInformationJobObject: (...args) =>
        blind ? 0 : kernel32.QueryInformationJobObject(...args),
    });
    const { child, job, lines, drained } = start(jobs, "tree", "0");
    await until("it speaks", () => pidsIn(lines).length === 1);

    assertThrows(() => job.remaining(), Error, "Cannot count the processes");
    job.terminate();
    assertEquals((await child.status).code, KILLED_CODE);
    await drained;
    assertThrows(() => job.remaining(), Error, "Cannot count the processes");
    blind = false;
    await until("none is left", () => job.remaining().length === 0);
    job.close();
  },
});

Deno.test({
  name: "WindowsJobs.start() leaves no handle open, refused or not",
  ignore: elsewhere,
  async fn() {
    assert(opened.kind === "open");
    const { kernel32 } = opened;
    const jobs = new WindowsJobs(kernel32);
    const missing = { ...callOf("exit", "0"), program: "C:\no\such.exe" };
    const cycle = async (args: string[], speakers: number) => {
      const { child, job, lines, drained } = start(jobs, ...args);
      await until("all speak", () => pidsIn(lines).length === speakers);
      job.remaining();
      job.terminate();
      await child.status;
      await drained;
      await until("none is left", () => job.remaining().length === 0);
      job.close();
      assertThrows(() => jobs.start(missing, systemClock), StartRefused);
    };
    await cycle(["exit", "0"], 0);
    const before = handleCount();
    for (let count = 0; count < 3; count += 1) await cycle(["exit", "0"], 0);
    await cycle(["tree", "1"], 2);
    await cycle(["jobs", "1"], 2);
    // Threads that read and wait come and go; six cycles that leak would leave more.
    assert(handleCount() < before + 5, `${before} -> ${handleCount()}`);
  },
});

/** How many handles this process has open. */
function handleCount(): number {
  const library = Deno.dlopen("kernel32.dll", {
    GetCurrentProcess: { parameters: [], result: "pointer" },
    GetProcessHandleCount: {
      parameters: ["pointer", "buffer"],
      result: "i32",
    },
  });
  const count = new Uint32Array(new ArrayBuffer(4));
  const { GetCurrentProcess, GetProcessHandleCount } = library.symbols;
  assertEquals(GetProcessHandleCount(GetCurrentProcess(), count), 1);
  library.close();
  return count[0] ?? 0;
}
