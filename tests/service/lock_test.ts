import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { takeLock, takenMessage } from "../../lib/service/lock.ts";

const SCRIPT = new URL("./lock_script.ts", import.meta.url).pathname;

interface Other extends AsyncDisposable {
  readonly pid: number;
  /** What it said first. */
  readonly said: {
    readonly kind: string;
    readonly by?: { readonly pid: number; readonly since: string };
    readonly child?: number;
  };
  kill(): Promise<void>;
}

/** Another process that wants the lock. */
async function other(path: string, way = "newer"): Promise<Other> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", SCRIPT, path, way],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  const { value = "" } = await reader.read();
  await reader.cancel();
  const said = JSON.parse(value);
  const kill = async () => {
    try {
      process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await process.status;
  };
  return {
    pid: process.pid,
    said,
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      if (said.child !== undefined) Deno.kill(said.child, "SIGKILL");
    },
  };
}

async function inDir(work: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await work(`${dir}/rig.lock`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

for (const way of ["newer", "older"]) {
  Deno.test({
    name:
      `takeLock() is free after a kill -9 although a child lives, and taken before (${way} runtime)`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      inDir(async (path) => {
        await using first = await other(path, way);
        assertEquals(first.said.kind, "held");
        await using second = await other(path, way);
        assertEquals(second.said.kind, "taken");
        assertEquals(second.said.by?.pid, first.pid);
        assertMatch(
          second.said.by?.since ?? "",
          /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/,
        );
        await first.kill();
        // It is alive, and has not inherited the lock.
        Deno.kill(first.said.child ?? 0, "SIGCONT");
        await using third = await other(path, way);
        assertEquals(third.said.kind, "held");
      }),
  });
}

Deno.test("takeLock() keeps the file, and lets the next in once it is let go", () =>
  inDir(async (path) => {
    for (let round = 0; round < 2; round += 1) {
      const lock = await takeLock(path, systemClock);
      assert(lock.kind === "held");
      assertEquals((await takeLock(path, systemClock)).kind, "taken");
      lock[Symbol.dispose]();
      assert((await Deno.stat(path)).isFile);
    }
  }));

Deno.test("takeLock() tells that the lock is taken whatever stands in the file", () =>
  inDir(async (path) => {
    const lock = await takeLock(path, systemClock);
    assert(lock.kind === "held");
    const garbage = [
      "",
      "pid 1",
      "pid 12345678901 since 2026-11-25 07:12:03\n",
      "pid 1 since yesterday\n",
      "\0\xff{}",
      "x".repeat(100_000),
      "\x1b[2Jpid 1 since 2026-11-25 07:12:03\n",
    ];
    for (const text of garbage) {
      await Deno.writeTextFile(path, text);
      assertEquals(
        await takeLock(path, systemClock),
        { kind: "taken", by: undefined },
      );
    }
    lock[Symbol.dispose]();
  }));

Deno.test("takeLock() writes its own line over a longer one", () =>
  inDir(async (path) => {
    await Deno.writeTextFile(path, "x".repeat(1_000));
    const clock = { ...systemClock, wall: () => Date.UTC(2026, 10, 25) };
    const lock = await takeLock(path, clock);
    assert(lock.kind === "held");
    const taken = await takeLock(path, systemClock);
    assert(taken.kind === "taken");
    assertEquals(taken.by?.pid, Deno.pid);
    lock[Symbol.dispose]();
  }));

Deno.test("takeLock() says why where nothing can be locked", async () => {
  const lock = await takeLock("/dev/null/rig.lock", systemClock);
  assert(lock.kind === "impossible");
  assertMatch(
    lock.reason,
    /^the file "\/dev\/null\/rig.lock" cannot be locked/,
  );
});

Deno.test({
  name: "takeLock() follows no link, and empties nothing that is not its own",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inDir(async (path) => {
      const target = `${path}.target`;
      await Deno.writeTextFile(target, "precious", { mode: 0o600 });
      for (const link of [Deno.symlink, Deno.link]) {
        await link(target, path);
        const lock = await takeLock(path, systemClock);
        assert(lock.kind === "impossible");
        assertStringIncludes(lock.reason, `rm '${path}'`);
        assertEquals(await Deno.readTextFile(target), "precious");
        await Deno.remove(path);
      }
      // What it points to does not come into being either.
      await Deno.symlink(`${path}.nowhere`, path);
      assertEquals((await takeLock(path, systemClock)).kind, "impossible");
      assertEquals(await exists(`${path}.nowhere`), false);
    }),
});

Deno.test({
  name: "takeLock() takes no lock that others can write",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inDir(async (path) => {
      await Deno.writeTextFile(path, "");
      await Deno.chmod(path, 0o666);
      const lock = await takeLock(path, systemClock);
      assert(lock.kind === "impossible");
      assertStringIncludes(lock.reason, `chmod 600 '${path}'`);
    }),
});

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("takenMessage() says who has the lock, if that is known, and what to do", () => {
  assertEquals(
    takenMessage("attic", { pid: 123, since: "2026-11-25 07:12:03" }),
    'Cannot start as another KolikkoControl for rig "attic" runs already: pid 123 since ' +
      "2026-11-25 07:12:03; stop it first, or give this one another [rig] id",
  );
  assertEquals(
    takenMessage("attic", undefined),
    'Cannot start as another KolikkoControl for rig "attic" runs already; stop it first, ' +
      "or give this one another [rig] id",
  );
  const other = {
    pid: 123,
    program: "kolikko",
    user: 'user "bob" (1000)',
    since: "2026-11-25 07:12:03",
  };
  assertStringIncludes(
    takenMessage("attic", other, "ask"),
    'runs already: pid 123 (kolikko) of user "bob" (1000) since 2026-11-25 07:12:03; stop',
  );
  assertStringIncludes(
    takenMessage("attic", undefined, "ask"),
    "runs already (who it is tells: ask); stop it first",
  );
});
