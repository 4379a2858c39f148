import { assertEquals, assertStringIncludes } from "@std/assert";
import { PidsFile } from "../stand_in/stand_in.ts";

const NARROW = ["run", "net", "read", "write", "env", "sys=osUptime"];

Deno.test({
  name:
    "LinuxProcess kills and proves a tree with a fled helper without all permissions as well",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using pids = new PidsFile();
    const script = new URL("./narrow_script.ts", import.meta.url);
    const output = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--cached-only",
        ...NARROW.map((name) => `--allow-${name}`),
        script.pathname,
        pids.path,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(output.stdout);
    assertEquals(output.code, 0, new TextDecoder().decode(output.stderr));
    const report = JSON.parse(text);
    assertEquals(report.found, 3);
    assertEquals(report.exit, { kind: "signal", signal: "SIGKILL" });
    assertEquals(report.left, []);
    assertEquals(report.missing.length, 2);
    assertStringIncludes(report.missing[0], "--allow-ffi");
    assertStringIncludes(report.missing[1], "--allow-all");
    assertEquals(pids.all().length, 4);
    assertEquals(pids.living(), []);
  },
});
