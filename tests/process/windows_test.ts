/** Runs the tests of the Windows edge with a Windows Deno on another system. */

import { assert, assertEquals } from "@std/assert";

const windowsDeno = Deno.env.get("KOLIKKO_DENO_WINDOWS") ?? "";
const isWindows = Deno.build.os === "windows";
const reason = isWindows
  ? "they run by themselves here"
  : "set KOLIKKO_DENO_WINDOWS to a program that runs the Deno of Windows";

const FILES = [
  "tests/cli/signals_test.ts",
  "tests/cli/pulse_test.ts",
  "tests/e2e/hang_test.ts",
  "tests/e2e/windows_life_test.ts",
  "tests/process/batch_file_test.ts",
  "tests/process/resolve_exec_test.ts",
  "tests/process/windows_batch_test.ts",
  "tests/process/windows_job_test.ts",
  "tests/process/windows_leftovers_test.ts",
  "tests/process/windows_lock_test.ts",
  "tests/process/windows_process_test.ts",
];
const PASSED_AT_LEAST = 50;
const SEGMENTATION_FAULT = 139;

Deno.test({
  name: `the tests of the Windows edge pass on Windows${
    windowsDeno === "" || isWindows ? ` (skipped: ${reason})` : ""
  }`,
  ignore: windowsDeno === "" || isWindows,
  async fn() {
    const command = new Deno.Command(windowsDeno, {
      args: ["test", "-A", "--no-check", ...FILES],
      cwd: new URL("../../", import.meta.url),
      env: { NO_COLOR: "1" },
      stdin: "null",
    });
    let output = await command.output();
    // A segmentation fault is Wine's own; no test of ours can end so.
    if (output.code === SEGMENTATION_FAULT) output = await command.output();
    const { code, stdout, stderr } = output;
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text + new TextDecoder().decode(stderr));
    // A file that fails to load counts no test at all.
    const passed = Number(/ok \| (\d+) passed/.exec(text)?.[1]);
    assert(passed >= PASSED_AT_LEAST, text);
  },
});
