import { assert, assertEquals } from "@std/assert";
import { Systemd } from "../../lib/service/systemd.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";

function make(some: { watchdogMs?: number } = {}) {
  const clock = new FakeClock();
  const said: string[] = [];
  const failures: unknown[] = [];
  const socket = {
    send(text: string): Promise<void> {
      said.push(text);
      return Promise.resolve();
    },
    closed: false,
    close(): void {
      this.closed = true;
    },
  };
  const systemd = new Systemd({
    socket,
    clock,
    watchdogMs: some.watchdogMs,
    onFailure: (error) => failures.push(error),
  });
  return { clock, said, failures, socket, systemd };
}

Deno.test("Systemd says READY once, at the first turn of the loop", async () => {
  const { clock, said, systemd } = make();
  const over = new AbortController();
  const running = systemd.run(over.signal, () => {});
  await clock.advance(60_000);
  assertEquals(said, []);
  systemd.turned("OFF: waiting");
  systemd.turned("OFF: waiting");
  await clock.advance(60_000);
  assertEquals(said, ["READY=1\nSTATUS=OFF: waiting"]);
  over.abort();
  await running;
});

Deno.test("Systemd says a status when it changes, the latest once a second, in one line", async () => {
  const { clock, said, systemd } = make();
  systemd.turned("OFF: a");
  await clock.advance(0);
  said.length = 0;
  for (let turn = 0; turn < 50; turn += 1) {
    systemd.turned(`ON: turn ${turn}`);
    await clock.advance(50);
  }
  assertEquals(said, ["STATUS=ON: turn 19", "STATUS=ON: turn 39"]);
  await clock.advance(1_000);
  assertEquals(said.at(-1), "STATUS=ON: turn 49");
  await clock.advance(10_000);
  assertEquals(said.length, 3);
  systemd.turned(`ON: a\nWATCHDOG=1\r\n${"b".repeat(1_000)}`);
  await clock.advance(0);
  assertEquals(said.at(-1)?.slice(0, 26), "STATUS=ON: a WATCHDOG=1 bb");
  assertEquals(said.at(-1)?.length, 307);
});

Deno.test("Systemd says WATCHDOG twice in the watchdog's time while the loop turns when it is woken", async () => {
  const { clock, said, systemd } = make({ watchdogMs: 30_000 });
  const over = new AbortController();
  let wakes = 0;
  const running = systemd.run(over.signal, () => {
    wakes += 1;
    systemd.turned("OK");
  });
  await clock.advance(150_000);
  assertEquals(wakes, 11);
  const signs = said.filter((text) => text.includes("WATCHDOG=1"));
  assertEquals(signs.length, 11);
  // A loop that turns often says no more.
  for (let turn = 0; turn < 100; turn += 1) systemd.turned("OK");
  await clock.advance(0);
  assertEquals(
    said.filter((text) => text.includes("WATCHDOG=1")).length,
    11,
  );
  over.abort();
  await running;
});

Deno.test("Systemd says no WATCHDOG while the loop hangs, and again when it goes on", async () => {
  const { clock, said, systemd } = make({ watchdogMs: 30_000 });
  const over = new AbortController();
  let hangs = false;
  const running = systemd.run(over.signal, () => {
    if (!hangs) systemd.turned("OK");
  });
  await clock.advance(60_000);
  hangs = true;
  const before = said.length;
  await clock.advance(600_000);
  assertEquals(said.length, before);
  hangs = false;
  await clock.advance(15_000);
  assertEquals(said.slice(before), ["WATCHDOG=1"]);
  over.abort();
  await running;
});

Deno.test("Systemd wakes nobody and says no WATCHDOG where there is no watchdog", async () => {
  const { clock, said, systemd } = make();
  const over = new AbortController();
  let wakes = 0;
  const running = systemd.run(over.signal, () => wakes += 1);
  systemd.turned("OK");
  await clock.advance(3_600_000);
  assertEquals(wakes, 0);
  assertEquals(said, ["READY=1\nSTATUS=OK"]);
  over.abort();
  await running;
});

Deno.test("Systemd.run() ends only when it is told to, so that it never ends the controller", async () => {
  const { clock, systemd } = make();
  const over = new AbortController();
  let ended = false;
  const running = systemd.run(over.signal, () => {})
    .then(() => ended = true);
  await clock.advance(2 ** 32);
  assert(!ended);
  over.abort();
  await running;
});

Deno.test("Systemd says STOPPING, and how long that may take, before it closes the socket, and nothing after", async () => {
  const { said, socket, systemd } = make();
  systemd.turned("ON: OK");
  await settle();
  systemd.ending(1_200.5);
  assert(!socket.closed);
  await systemd[Symbol.asyncDispose]();
  assert(socket.closed);
  assertEquals(said.at(-1), "STOPPING=1\nEXTEND_TIMEOUT_USEC=1201000");
  systemd.turned("OFF: OK");
  systemd.ending(1);
  await settle();
  assertEquals(said.at(-1), "STOPPING=1\nEXTEND_TIMEOUT_USEC=1201000");
});

Deno.test("Systemd waits for no systemd that does not read, and keeps only the latest of each kind", async () => {
  const { clock, said, socket, systemd } = make({ watchdogMs: 1_000 });
  const hang = Promise.withResolvers<void>();
  socket.send = (text) => {
    said.push(text);
    return hang.promise;
  };
  systemd.turned("a");
  const over = new AbortController();
  const running = systemd.run(over.signal, () => systemd.turned("b"));
  await clock.advance(600_000);
  assertEquals(said, ["READY=1\nWATCHDOG=1\nSTATUS=a"]);
  over.abort();
  await running;
  let closed = false;
  const closing = systemd[Symbol.asyncDispose]().then(() => closed = true);
  await clock.advance(499);
  assert(!closed);
  await clock.advance(1);
  await closing;
  hang.resolve();
  await settle();
  assertEquals(said.length, 1);
});

Deno.test("Systemd tells of a message that could not be sent, and goes on", async () => {
  const { clock, said, failures, socket, systemd } = make();
  const { send } = socket;
  socket.send = () => Promise.reject(new Error("Connection refused"));
  systemd.turned("a");
  await clock.advance(1_000);
  assertEquals(failures.length, 1);
  socket.send = send;
  systemd.turned("b");
  await clock.advance(1_000);
  assertEquals(said, ["STATUS=b"]);
  await systemd[Symbol.asyncDispose]();
});
