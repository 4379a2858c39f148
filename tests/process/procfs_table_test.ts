import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { HIDES, hidingIn } from "../../lib/process/hidden_processes.ts";
import { ProcfsTable } from "../../lib/process/procfs_table.ts";

const ignore = Deno.build.os !== "linux";

/** A table that reads the environment of one process so; the others are read as they are. */
function tableWith(read: () => Promise<string>, pid: number): ProcfsTable {
  return new ProcfsTable(
    systemClock,
    (path) =>
      path === `/proc/${pid}/environ` ? read() : Deno.readTextFile(path),
  );
}

Deno.test({
  name:
    "ProcfsTable is not sharp when an environment could not be read for another reason than its end",
  ignore,
  async fn() {
    const child = new Deno.Command("sleep", { args: ["20"] }).spawn();
    try {
      const cases: [error: Error, isUnsure: boolean][] = [
        [new Error("Too many open files (os error 24)"), true],
        [new Error("Too many open files in system (os error 23)"), true],
        [new Error("Cannot allocate memory (os error 12)"), true],
        [new Error("Input/output error (os error 5)"), true],
        [new Deno.errors.PermissionDenied("Permission denied"), false],
      ];
      for (const [error, isUnsure] of cases) {
        const table = tableWith(() => Promise.reject(error), child.pid);
        // Whoever else comes and goes on this machine can blur a single look.
        let wasSharp = false;
        const tries = isUnsure ? 20 : 200;
        for (let count = 0; count < tries && !wasSharp; count += 1) {
          if (count > 0) await systemClock.sleep(20);
          const { isSharp, entries } = await table.read();
          wasSharp = isSharp;
          const entry = entries.find(({ pid }) => pid === child.pid);
          assertEquals(entry?.isBare, isUnsure ? undefined : true);
        }
        assertEquals(wasSharp, !isUnsure, error.message);
      }
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  },
});

const MOUNT = "22 27 0:21 / /proc rw,relatime shared:13 - proc proc rw";

Deno.test("hidingIn() knows when /proc hides processes from us", () => {
  const plain = {
    mountinfo: `${MOUNT}\n`,
    isFirstSeen: true,
    isFirstOurs: false,
    isRoot: false,
  };
  const hides = `${MOUNT},hidepid=invisible\n`;
  const cases: [what: string, but: Partial<typeof plain>, string?][] = [
    ["nothing is hidden", {}],
    ["the first one is hidden", { isFirstSeen: false }, HIDES],
    ["we are in the group that sees all", { mountinfo: hides }],
    [
      "the first one is ours, as in a container",
      { mountinfo: hides, isFirstOurs: true },
      HIDES,
    ],
    [
      "an older kernel's number",
      { mountinfo: `${MOUNT},gid=4,hidepid=2`, isFirstOurs: true },
      HIDES,
    ],
    ["off", { mountinfo: `${MOUNT},hidepid=off\n`, isFirstOurs: true }],
    ["root", { mountinfo: hides, isFirstOurs: true, isRoot: true }],
  ];
  for (const [what, but, hiding] of cases) {
    assertEquals(hidingIn({ ...plain, ...but }), hiding, what);
  }
  assertStringIncludes(HIDES, "hidepid");
});
