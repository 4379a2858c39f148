/** A configuration with a secret in it that others can read. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Rig, standIn } from "./rig.ts";

Deno.test({
  name:
    "kolikko run and check say that others can read a password, and which command mends it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using closed = await Rig.start({
      port: 9,
      mqtt: ['username = "rig"', 'password = "s3cret"'],
      commands: [standIn("one", [])],
    });
    await closed.untilLogged("Decided");
    // Nobody gets into this folder.
    assertEquals(closed.log.includes("others can read"), false, closed.log);
    await end(closed);
    const { dir } = closed;
    const file = `${dir}/kolikko.toml`;
    await Deno.chmod(dir, 0o755);
    await Deno.chmod(file, 0o644);
    const said =
      `A password or token stands in "${file}", which others can read (mode 644): chmod 600 '${file}'`;
    await using open = closed.again();
    await open.untilLogged("Decided");
    assertStringIncludes(open.log, said);
    assertEquals(open.log.includes("s3cret"), false);
    await end(open);
    await using check = Rig.startIn(dir, ["check", "--config", file], {});
    assertEquals((await check.ended()).code, 1);
    assertStringIncludes(check.log, `WRONG  file        ${said}`);
  },
});

async function end(rig: Rig): Promise<void> {
  rig.signal("SIGTERM");
  assertEquals((await rig.ended()).code, 0, rig.log);
}
