import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { openKernel32 } from "../../lib/process/kernel32.ts";
import {
  guardController,
  KILLED_CODE,
  WindowsJobs,
} from "../../lib/process/windows_job.ts";
import { elsewhere, lives, pidsIn, start, until } from "./windows_helpers.ts";

const guard = guardController();
const opened = openKernel32();

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

Deno.test({
  name: "WindowsJob holds three generations, and kills them all",
  ignore: elsewhere,
  async fn() {
    assert(guard.kind === "guarded");
    const lines: string[] = [];
    const { child, drained } = start(lines, "tree", "2");
    const job = guard.jobs.hold(child.pid);
    await until("all three speak", () => pidsIn(lines).length === 3);
    const pids = pidsIn(lines);

    assertEquals(job.active(), 3);
    const remaining = job.remaining();
    assertEquals(
      remaining.map(({ pid }) => pid).toSorted(),
      pids.toSorted(),
    );
    assertStringIncludes(remaining[0]?.name ?? "", "deno");

    job.terminate();
    assertEquals((await child.status).code, KILLED_CODE);
    await drained;
    await until("none is left", () => job.remaining().length === 0);
    assertEquals(pids.filter(lives), []);
    job.close();
    job.close();
  },
});

for (const mode of ["tree", "jobs"]) {
  Deno.test({
    name: `WindowsJob takes in what was born before it (${mode})`,
    ignore: elsewhere,
    async fn() {
      assert(guard.kind === "guarded");
      const lines: string[] = [];
      const { child, drained } = start(lines, mode, "2");
      await until("all three speak", () => pidsIn(lines).length === 3);

      const job = guard.jobs.hold(child.pid);
      assertEquals(job.active(), 3);
      assertEquals(job.remaining().length, 3);
      job.terminate();
      await child.status;
      await drained;
      await until("none is left", () => job.remaining().length === 0);
      assertEquals(pidsIn(lines).filter(lives), []);
      job.close();
    },
  });
}

Deno.test({
  name: "WindowsJob takes in the child of a leader that has ended",
  ignore: elsewhere,
  async fn() {
    assert(guard.kind === "guarded");
    const lines: string[] = [];
    const { child, drained } = start(lines, "orphan");
    // Held while the leader lives, as after each start: its pid stays its own.
    const job = guard.jobs.hold(child.pid);
    await child.status;
    await until("the orphan is known", () => pidsIn(lines).length > 0);

    assertEquals(job.remaining().map(({ pid }) => pid), [pidsIn(lines)[0]]);
    job.terminate();
    await drained;
    await until("none is left", () => job.remaining().length === 0);
    job.close();
  },
});

Deno.test({
  name: "WindowsJob takes in what was born before it, by one that has ended",
  ignore: elsewhere,
  async fn() {
    assert(guard.kind === "guarded");
    const first = start([], "tree", "0");
    const other = guard.jobs.hold(first.child.pid);
    const lines: string[] = [];
    const { child, drained } = start(lines, "lost");
    // Its own line, that of the one in between, and that of the orphan itself.
    await until("the orphan speaks", () => pidsIn(lines).length === 3);
    const [leader = 0, orphan = 0] = pidsIn(lines);
    const job = guard.jobs.hold(child.pid);
    const pids = job.remaining().map(({ pid }) => pid);
    assert(pids.includes(leader) && pids.includes(orphan), pids.join());
    assertEquals(other.remaining().length, 1);
    job.terminate();
    await Promise.all([child.status, drained]);
    await until("none is left", () => job.remaining().length === 0);
    job.close();

    // Another tree is not taken in.
    assertEquals(other.remaining().length, 1);
    other.terminate();
    await Promise.all([first.child.status, first.drained]);
    await until("none is left", () => other.remaining().length === 0);
    other.close();
  },
});

Deno.test({
  name: "WindowsJob.close() kills what is left",
  ignore: elsewhere,
  async fn() {
    assert(guard.kind === "guarded");
    const lines: string[] = [];
    const { child, drained } = start(lines, "tree", "1");
    const job = guard.jobs.hold(child.pid);
    await until("both speak", () => pidsIn(lines).length === 2);
    job.close();
    await child.status;
    await drained;
    await until("none lives", () => !pidsIn(lines).some(lives));
  },
});

Deno.test({
  name: "WindowsJobs.hold() refuses a pid that nobody has",
  ignore: elsewhere,
  fn() {
    assert(guard.kind === "guarded");
    let message = "";
    try {
      guard.jobs.hold(0x7ffffff0).close();
    } catch (error) {
      message = error instanceof Error ? error.message : "";
    }
    assertStringIncludes(message, "Cannot open process 2147483632");
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
  name: "WindowsJob proves nothing while Windows shows no processes, but kills",
  ignore: elsewhere,
  async fn() {
    assert(opened.kind === "open");
    let blind = true;
    const { Process32FirstW } = opened.kernel32;
    const jobs = new WindowsJobs({
      ...opened.kernel32,
      Process32FirstW: (snapshot, entry) =>
        blind ? 0 : Process32FirstW(snapshot, entry),
    });
    // Of the controller's job, but of no tree: whose it is must be looked up.
    const other = start([], "tree", "0");
    const lines: string[] = [];
    const { child, drained } = start(lines, "tree", "0");
    const job = jobs.hold(child.pid);
    await until("it speaks", () => pidsIn(lines).length === 1);

    assertThrows(() => job.remaining(), Error, "Cannot list the processes");
    job.terminate();
    assertEquals((await child.status).code, KILLED_CODE);
    assertThrows(() => job.remaining(), Error, "Cannot list the processes");
    blind = false;
    await until("none is left", () => job.remaining().length === 0);
    job.close();
    other.child.kill("SIGKILL");
    await Promise.all([other.child.status, other.drained, drained]);
  },
});

Deno.test({
  name: "WindowsJob leaves no handle open",
  ignore: elsewhere,
  async fn() {
    assert(opened.kind === "open");
    const { kernel32 } = opened;
    let open = 0;
    const counted = <T>(handle: T): T => {
      if (handle !== null) open += 1;
      return handle;
    };
    const jobs = new WindowsJobs({
      ...kernel32,
      CreateJobObjectW: (...args) =>
        counted(kernel32.CreateJobObjectW(...args)),
      OpenProcess: (...args) => counted(kernel32.OpenProcess(...args)),
      CreateToolhelp32Snapshot: (...args) =>
        counted(kernel32.CreateToolhelp32Snapshot(...args)),
      CloseHandle: (handle) => {
        open -= 1;
        return kernel32.CloseHandle(handle);
      },
    });
    const before = open;
    assert(before > 0);
    assertThrows(() => jobs.hold(0x7ffffff0));
    for (const args of [["exit", "0"], ["tree", "1"], ["jobs", "2"]]) {
      const lines: string[] = [];
      const { child, drained } = start(lines, ...args);
      const spoken = args[0] === "exit" ? 0 : Number(args[1]) + 1;
      if (spoken === 0) await drained;
      await until("all speak", () => pidsIn(lines).length === spoken);
      const job = jobs.hold(child.pid);
      job.remaining();
      job.terminate();
      await child.status;
      await drained;
      await until("none is left", () => job.remaining().length === 0);
      job.close();
      assertEquals(open, before);
    }
  },
});
