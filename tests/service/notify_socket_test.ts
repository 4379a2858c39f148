import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  notificationOf,
  openNotifySocket,
} from "../../lib/service/notify_socket.ts";
import { FakeSystemd } from "../fakes/fake_systemd.ts";

const of = (env: Readonly<Record<string, string>>) =>
  notificationOf((name) => env[name], 4711);

Deno.test("notificationOf() is undefined without a systemd that listens", () => {
  assertEquals(of({}), undefined);
  assertEquals(of({ NOTIFY_SOCKET: "", WATCHDOG_USEC: "1000" }), undefined);
});

Deno.test("notificationOf() knows the watchdog if it is ours", () => {
  const path = "/run/systemd/notify";
  const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "30000000" };
  const watched = { path, watchdogMs: 30_000 };
  const alone = { path, watchdogMs: undefined };
  assertEquals(of({ NOTIFY_SOCKET: path }), alone);
  assertEquals(of(env), watched);
  assertEquals(of({ ...env, WATCHDOG_PID: "4711" }), watched);
  assertEquals(of({ ...env, WATCHDOG_PID: "" }), watched);
  assertEquals(of({ ...env, WATCHDOG_PID: "1" }), alone);
  for (const usec of ["", "0", "-5", "soon", "1e999"]) {
    assertEquals(of({ ...env, WATCHDOG_USEC: usec }), alone, usec);
  }
});

Deno.test({
  name: "openNotifySocket() reaches a socket with a file and one without",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      for (const path of [`${dir}/notify`, `@kolikko-${crypto.randomUUID()}`]) {
        await using systemd = new FakeSystemd(path);
        const socket = openNotifySocket(path);
        await socket.send("READY=1\nSTATUS=ON: heizt, äöü");
        await systemd.until("STATUS");
        assertEquals(systemd.heard, ["READY=1", "STATUS=ON: heizt, äöü"]);
        socket.close();
      }
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test({
  name: "openNotifySocket() refuses what is no address of a datagram socket",
  ignore: Deno.build.os !== "linux",
  fn() {
    for (const path of ["vsock:2:1234", "notify"]) {
      assertThrows(() => openNotifySocket(path), TypeError, path);
    }
  },
});

Deno.test({
  name: "openNotifySocket() rejects what cannot be sent, and can be used on",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/notify`;
    const socket = openNotifySocket(path);
    try {
      await assertRejects(() => socket.send("READY=1"), Error);
      await using systemd = new FakeSystemd(path);
      await socket.send("READY=1");
      await systemd.until("READY=1");
    } finally {
      socket.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
