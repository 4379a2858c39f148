import { assert, assertEquals, assertMatch } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { peerOf } from "../../lib/platform/peer.ts";
import type { Lock } from "../../lib/service/lock.ts";
import {
  lockOfAllHint,
  takeLockOfAll,
  takeMachineLock,
} from "../../lib/service/machine_lock.ts";
import { until } from "../stand_in/stand_in.ts";

const ignore = Deno.build.os !== "linux";
const SCRIPT = new URL("./machine_lock_script.ts", import.meta.url).pathname;

function freshRig(): string {
  return `rig-${crypto.randomUUID().slice(0, 8)}`;
}

function letGo(lock: Lock): void {
  assert(lock.kind === "held");
  lock[Symbol.dispose]();
}

Deno.test({
  name:
    "takeMachineLock() gives a name once, to each rig its own, and again once it is let go",
  ignore,
  async fn() {
    const rig = freshRig();
    for (let round = 0; round < 2; round += 1) {
      const lock = takeMachineLock(rig, systemClock);
      const taken = takeMachineLock(rig, systemClock);
      assert(taken.kind === "taken");
      assertEquals(taken.by?.pid, Deno.pid);
      // A name that only begins alike is another's.
      letGo(takeMachineLock(`${rig}-2`, systemClock));
      letGo(lock);
      // What waits for the next connection has to end first.
      await until("it is free", () => peerOf(`kolikko/${rig}`) === undefined);
    }
  },
});

Deno.test({
  name:
    "takeMachineLock() names a process by what the kernel says, and is free after its kill -9",
  ignore,
  async fn() {
    const rig = freshRig();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", SCRIPT, rig],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    try {
      const before = systemClock.wall();
      const taken = takeMachineLock(rig, systemClock);
      assert(taken.kind === "taken");
      const { pid, program, user, since = "" } = taken.by ?? { pid: 0 };
      assertEquals([pid, program], [child.pid, "deno"]);
      assertMatch(user ?? "", new RegExp(`^user .*\\b${Deno.uid()}\\b`));
      const startedAgo = before - new Date(since.replace(" ", "T")).getTime();
      assert(startedAgo > -2_000 && startedAgo < 60_000, `${startedAgo} ms`);
      // Many who ask fill no queue.
      for (let asked = 0; asked < 200; asked += 1) {
        await until("it answers", () => peerOf(`kolikko/${rig}`) !== undefined);
      }
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    }
    letGo(takeMachineLock(rig, systemClock));
  },
});

/** Perl is on every Debian, and can be run by everybody. */
const PERL = "/usr/bin/perl";
const lacks = ignore || Deno.uid() !== 0
  ? "only root can start another user's program"
  : !isFile(PERL)
  ? `no ${PERL}`
  : undefined;

Deno.test({
  name: "takeMachineLock() names whoever squats on the name, whatever he says" +
    (lacks === undefined ? "" : ` (ignored: ${lacks})`),
  ignore: lacks !== undefined,
  async fn() {
    const rig = freshRig();
    const script = "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0);" +
      `bind(S, pack_sockaddr_un("\\0kolikko/${rig}")) or die $!;` +
      'listen(S, 0); $| = 1; print "ready\\n"; sleep 60;';
    const child = new Deno.Command(PERL, {
      args: ["-e", script],
      cwd: "/",
      uid: 65534,
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    try {
      const taken = takeMachineLock(rig, systemClock);
      assert(taken.kind === "taken");
      assertEquals(taken.by?.pid, child.pid);
      assertMatch(taken.by?.user ?? "", /65534/);
      // He takes no connection: once his queue is full nobody is named, but nobody waits either.
      for (let count = 0; count < 5; count += 1) peerOf(`kolikko/${rig}`);
      const unnamed = takeMachineLock(rig, systemClock);
      assertEquals(unnamed, { kind: "taken", by: undefined });
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    }
  },
});

Deno.test({
  name: "lockOfAllHint() is a command that finds the name",
  ignore,
  fn() {
    assertEquals(
      lockOfAllHint("attic"),
      "sudo ss -xlp | grep '@kolikko/attic '",
    );
  },
});

const isWindows = Deno.build.os === "windows";

Deno.test({
  name:
    "takeLockOfAll() locks a file of all users on Windows, also one that it may only read",
  ignore: !isWindows,
  async fn() {
    const base = await Deno.makeTempDir();
    const variable = (name: string) =>
      name === "ProgramData" ? base : undefined;
    const take = () => takeLockOfAll("rig", { clock: systemClock, variable });
    const first = await take();
    assertEquals((await take()).kind, "taken");
    letGo(first);
    const path = `${base}\\KolikkoControl\\rig.all-users.lock`;
    const readOnly = async (how: string) =>
      await new Deno.Command("attrib", { args: [how, path] }).output();
    await readOnly("+R");
    const second = await take();
    assertEquals((await take()).kind, "taken");
    letGo(second);
    await readOnly("-R");
    await Deno.remove(base, { recursive: true });
  },
});

Deno.test({
  name: "takeLockOfAll() says so where a system has no such lock",
  ignore: !isWindows,
  async fn() {
    const lock = await takeLockOfAll("rig", {
      clock: systemClock,
      variable: () => undefined,
    });
    const reason = "this system has no lock for all users";
    assertEquals(lock, { kind: "impossible", reason });
  },
});

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
