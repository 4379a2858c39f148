/** Runs the tests of the Windows edge with a Windows Deno on another system. */

import { assertEquals, assertMatch } from "@std/assert";

const windowsDeno = Deno.env.get("KOLIKKO_DENO_WINDOWS") ?? "";
const isWindows = Deno.build.os === "windows";
const reason = isWindows
  ? "they run by themselves here"
  : "set KOLIKKO_DENO_WINDOWS to a program that runs the Deno of Windows";

Deno.test({
  name: `the tests of the Windows edge pass on Windows${
    windowsDeno === "" || isWindows ? ` (skipped: ${reason})` : ""
  }`,
  ignore: windowsDeno === "" || isWindows,
  async fn() {
    const { code, stdout, stderr } = await new Deno.Command(windowsDeno, {
      args: [
        "test",
        "-A",
        "--no-check",
        "tests/process/windows_job_test.ts",
        "tests/process/windows_leftovers_test.ts",
        "tests/process/windows_process_test.ts",
      ],
      cwd: new URL("../../", import.meta.url),
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text + new TextDecoder().decode(stderr));
    // A file that fails to load counts no test at all.
    assertMatch(text, /ok \| (19|[2-9]\d) passed/);
  },
});
