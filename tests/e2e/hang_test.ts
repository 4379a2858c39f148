/** A controller whose one loop hangs. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { PidsFile } from "../stand_in/stand_in.ts";
import {
  lives,
  pidsIn,
  standIn as windowsStandIn,
  until,
} from "../process/windows_helpers.ts";
import { marked, NARROW } from "./rig.ts";

const LIMIT_MS = 1_000;
const PROGRAM = fileURLToPath(new URL("hung_program.ts", import.meta.url));
const STAND_IN = fileURLToPath(
  new URL("../stand_in/program.ts", import.meta.url),
);

for (
  const { name, flags, end } of [
    // Without foreign functions there is no other way to end the whole process.
    { name: "with few permissions", flags: NARROW, end: "SIGKILL" },
    { name: "with all", flags: ["-A"], end: "code 1" },
  ]
) {
  Deno.test({
    name:
      `LoopWatch ends all that was started, and the process, when the loop hangs (${name})`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      using pids = new PidsFile();
      const id = `hung-${crypto.randomUUID().slice(0, 8)}`;
      const miner = [
        ...["run", "-A", "--no-config", "--no-lock", STAND_IN, "--ready"],
        ...["--pids-file", pids.path, "--ignore", "SIGINT,SIGTERM"],
        ...["--fork", "2", "--escape"],
      ];
      // A child that it had before it was this program.
      const before = 'sleep 60 > /dev/null 2>&1 & echo stranger $!; exec "$@"';
      const output = await new Deno.Command("/bin/sh", {
        args: [
          ...["-c", before, "sh", Deno.execPath()],
          ...["run", "--cached-only", ...flags, PROGRAM],
          ...[id, String(LIMIT_MS), "1", Deno.execPath(), ...miner],
        ],
        env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
        stdin: "null",
      }).output();
      const printed = new TextDecoder().decode(output.stdout);
      assertEquals(output.signal ?? `code ${output.code}`, end, printed);
      // It is told after the hang, not before: a loop that turns is left alone.
      const [first = "", after] = printed.split("hangs now");
      assertStringIncludes(first, "ready\n");
      assert(!first.includes("The control loop hangs"), first);
      assertStringIncludes(after ?? "", "The control loop hangs");
      assert(pids.all().length >= 4, `${pids.all()}`);
      assertEquals(pids.living(), []);
      const strangers = [...first.matchAll(/^stranger (\d+)$/gm)].map((found) =>
        Number(found[1])
      );
      const canForge = flags[0] === "-A" && Deno.uid() === 0;
      assertEquals(strangers.length, canForge ? 2 : 1);
      for (const pid of strangers) Deno.kill(pid, "SIGKILL");
      const forgers = new Set(strangers);
      const left = await marked({ id });
      assertEquals(left.filter((pid) => !forgers.has(pid)), []);
    },
  });
}

Deno.test({
  name:
    "LoopWatch ends the process when the loop hangs, and with it all in its job (Windows)",
  ignore: Deno.build.os !== "windows",
  async fn() {
    const output = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", PROGRAM, "hung", String(LIMIT_MS), "3"],
        ...[Deno.execPath(), ...windowsStandIn("tree", "2")],
      ],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const printed = new TextDecoder().decode(output.stdout);
    assertEquals(output.code, 1, printed);
    const [before = "", after = ""] = printed.split("hangs now");
    const pids = pidsIn(before.split(/\r?\n/));
    assertEquals(pids.length, 3, printed);
    assertStringIncludes(after, "The control loop hangs");
    await until("none lives", () => !pids.some(lives));
  },
});
