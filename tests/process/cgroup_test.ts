import {
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { openCgroups, OwnCgroups } from "../../lib/process/cgroup.ts";
import { kernelFiles } from "../../lib/process/cgroup_files.ts";
import { type Hold, NO_HOLD } from "../../lib/process/run_cgroup.ts";
import { PidsFile, until } from "../stand_in/stand_in.ts";
import {
  filesBut,
  isWithoutCgroup,
  named,
  oldKernel,
  TestCgroup,
} from "./test_cgroup.ts";

const ignore = isWithoutCgroup;

/** A program that is not started by LinuxProcess. */
class Sleeper {
  readonly child = new Deno.Command("sleep", { args: ["60"] }).spawn();

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await this.child.status;
  }
}

function put(pid: number, { path }: Hold): void {
  kernelFiles.write(`${path}/cgroup.procs`, String(pid));
}

Deno.test({
  name: named(
    "OwnCgroups.create() derives a safe name from the mark, and never shares a cgroup",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const cgroups = new OwnCgroups(cgroup.path);
    const marks = [
      "rig/xmrig/1",
      "rig/xmrig/1",
      "../..//a b\n/ä",
      "x".repeat(300),
    ];
    const holds = marks.map((mark) => cgroups.create(mark));
    assertEquals(cgroup.names(), [
      "kolikko.__.__..a_b_._",
      "kolikko.rig.xmrig.1",
      "kolikko.rig.xmrig.1.2",
      `kolikko.${"x".repeat(192)}`,
    ]);
    for (const hold of holds) await hold.remove(systemClock);
    assertEquals(cgroup.names(), []);
  },
});

Deno.test({
  name: named("OwnCgroups.create() tells nobody the random part of a mark"),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const run = crypto.randomUUID();
    const hold = new OwnCgroups(cgroup.path).create(`rig/xmrig/60.600/${run}`);
    const [first] = run.split("-");
    assertEquals(cgroup.names(), [`kolikko.rig.xmrig.60_600.${first}`]);
    await hold.remove(systemClock);
  },
});

Deno.test({
  name: named(
    "OwnCgroups.leftovers() lists the processes of earlier runs of one rig, and nothing of this run",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    await using old = new Sleeper();
    await using own = new Sleeper();
    const before = new OwnCgroups(cgroup.path);
    put(old.child.pid, before.create("rig/xmrig/1"));
    before.create("rig-2/xmrig/1");
    kernelFiles.makeFolder(`${cgroup.path}/other`);
    const cgroups = new OwnCgroups(cgroup.path);
    put(own.child.pid, cgroups.create("rig/xmrig/2"));
    assertEquals(cgroups.leftovers("rig"), [
      { path: `${cgroup.path}/kolikko.rig.xmrig.1`, pids: [old.child.pid] },
    ]);
    assertEquals(cgroups.leftovers().length, 2);
    cgroups.removeEmpty();
    assertEquals(cgroup.names(), [
      "kolikko.rig.xmrig.1",
      "kolikko.rig.xmrig.2",
      "other",
    ]);
  },
});

Deno.test({
  name: named(
    "RunCgroup.remove() waits for the last process, and takes what the program made in it as well",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    await using sleeper = new Sleeper();
    const hold = new OwnCgroups(cgroup.path).create("m1");
    const inner = `${cgroup.path}/${cgroup.names()[0]}/inner`;
    kernelFiles.makeFolder(inner);
    kernelFiles.write(`${inner}/cgroup.procs`, String(sleeper.child.pid));
    assertEquals([...hold.pids()], [sleeper.child.pid]);
    assertEquals(hold.remaining(), [
      { pid: sleeper.child.pid, name: "sleep" },
    ]);
    assertEquals(hold.isPopulated(), true);
    const removed = hold.remove(systemClock);
    assertEquals(cgroup.names().length, 1);
    hold.kill();
    await removed;
    assertEquals(cgroup.names(), []);
    assertEquals(hold.isPopulated(), undefined);
    // It is gone: nothing of this fails.
    hold.kill();
    await hold.remove(systemClock);
  },
});

Deno.test({
  name: named(
    "RunCgroup.kill() freezes all before it kills each where the kernel cannot kill them as a whole",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    await using sleeper = new Sleeper();
    const frozen: string[] = [];
    const files = {
      ...oldKernel,
      read(path: string) {
        if (path.endsWith("/cgroup.procs")) {
          const freeze = path.replace(/procs$/, "freeze");
          frozen.push(kernelFiles.read(freeze).trim());
        }
        return kernelFiles.read(path);
      },
    };
    const hold = new OwnCgroups(cgroup.path, files).create("m1");
    put(sleeper.child.pid, hold);
    frozen.length = 0;
    hold.kill();
    assertEquals(new Set(frozen), new Set(["1"]));
    assertEquals((await sleeper.child.status).signal, "SIGKILL");
    hold.pids();
    assertEquals(frozen.at(-1), "0");
    await hold.remove(systemClock);
  },
});

Deno.test({
  name: named(
    "OwnCgroups.create() does without when no more cgroups can be made",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    const files = filesBut({
      makeFolder() {
        throw new Error("Read-only file system (os error 30)");
      },
    });
    const hold = new OwnCgroups(cgroup.path, files).create("m1");
    assertStrictEquals(hold, NO_HOLD);
    assertStrictEquals(openCgroups(files).create("m1"), NO_HOLD);
  },
});

Deno.test({
  name: named(
    "createSpawn() finds the controller's own cgroup, and clears what earlier runs left there",
  ),
  ignore,
  async fn() {
    await using cgroup = new TestCgroup();
    using pids = new PidsFile();
    kernelFiles.makeFolder(`${cgroup.path}/kolikko.rig.miner.old`);
    const name = cgroup.path.split("/").at(-1) ?? "";
    const script = new URL("./cgroup_script.ts", import.meta.url);
    const controller = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--cached-only", script.pathname, name, pids.path],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = controller.output();
    kernelFiles.write(`${cgroup.path}/cgroup.procs`, String(controller.pid));
    const { code, stdout, stderr } = await output;
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const report = JSON.parse(text);
    assertEquals(report.found, 1);
    assertStringIncludes(report.fled, `${name}/kolikko.rig.miner.run`);
    assertEquals(pids.living(), []);
    await until("the cgroups are gone", () => cgroup.names().length === 0);
  },
});
