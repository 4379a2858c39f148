import { assert, assertEquals } from "@std/assert";
import { openOverseer } from "../../lib/cli/overseer.ts";
import { SYSTEMD_VARIABLES } from "../../lib/service/notify_socket.ts";
import { FakeSystemd } from "../fakes/fake_systemd.ts";

Deno.test({
  name:
    "openOverseer() takes what systemd said out of the environment, so that no child hears it",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using systemd = new FakeSystemd(`@kolikko-${crypto.randomUUID()}`);
    Deno.env.set("NOTIFY_SOCKET", systemd.path);
    Deno.env.set("WATCHDOG_USEC", "30000000");
    Deno.env.set("WATCHDOG_PID", String(Deno.pid));
    await using overseer = openOverseer(undefined);
    assertEquals(SYSTEMD_VARIABLES.filter((name) => Deno.env.has(name)), []);
    overseer.part.overseer?.turned("ON: OK");
    await systemd.until("STATUS=ON: OK");
    assert(systemd.heard.includes("WATCHDOG=1"));
  },
});

Deno.test("openOverseer() finds nobody where no systemd listens", async () => {
  Deno.env.delete("NOTIFY_SOCKET");
  await using overseer = openOverseer(undefined);
  assertEquals(overseer.part, {});
});
