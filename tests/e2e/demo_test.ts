import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { marked, Rig } from "./rig.ts";

/** The demonstration's rig has an id of its own. */
const ID = "demo";

async function startDemo(args: readonly string[]): Promise<Rig> {
  const dir = await Deno.makeTempDir({ prefix: "kolikko_demo_" });
  return Rig.startIn(dir, ["demo", ...args], {});
}

Deno.test("kolikko demo shows ON, OFF and ON again within 25 seconds, then leaves nothing behind", async () => {
  await using rig = await startDemo(["--for", "25s"]);
  await rig.untilLogged("gpu running");
  assertEquals((await marked({ id: ID })).length, 2);
  const { code } = await rig.ended();
  assertEquals(await marked({ id: ID }), []);
  assertEquals(code, 0, rig.log);
  const events = rig.log.matchAll(
    /^\d\d:\d\d +[\d.]+ C +\d+ W {2}(thermostat|rig) +(ON|OFF|offline) +(.*)$/gm,
  );
  const seen = [...events].map(([, who, word, rest = ""]) =>
    `${who} ${word}${rest.includes("gpu running") ? ", all run" : ""}`
  );
  // Repetitions aside, in this order.
  const wanted = [
    "rig OFF",
    "thermostat ON",
    "rig ON, all run",
    "thermostat OFF",
    "rig OFF",
    "thermostat ON",
    "rig ON, all run",
    "rig offline",
  ];
  let next = 0;
  for (const one of seen) if (one === wanted[next]) next += 1;
  assertEquals(wanted.slice(next), [], rig.log);
  assertMatch(rig.log, /mosquitto_sub -v -h 127\.0\.0\.1 -p \d+ -t/);
  assertMatch(rig.log, /the heat went on 2 times/);
  // It is no rig's controller: it keeps nothing, and shuts nobody out.
  await assertRejects(
    () => Deno.stat(`${rig.dir}/state`),
    Deno.errors.NotFound,
  );
  assertMatch(rig.log, /Nothing is left running\./);
});

Deno.test("kolikko demo ends orderly at Ctrl-C", async () => {
  await using rig = await startDemo(["--for", "2m"]);
  await rig.untilLogged("gpu running");
  const askedAt = performance.now();
  rig.signal("SIGINT");
  const { code } = await rig.ended();
  assertEquals(await marked({ id: ID }), []);
  assertEquals(code, 0, rig.log);
  assert(performance.now() - askedAt < 10_000);
  assertMatch(rig.log, /rig +offline +cpu stopped, gpu stopped/);
  assertMatch(rig.log, /Nothing is left running\./);
});

Deno.test("kolikko demo says so if the port that it was given is taken", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await using rig = await startDemo(["--port", String(port)]);
  assertEquals((await rig.ended()).code, 1);
  assertMatch(rig.log, new RegExp(`Cannot open a broker on port ${port}`));
});

Deno.test("kolikko demo-miner prints like XMRig and ends with code 0 when asked, as XMRig does", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const dir = await Deno.makeTempDir({ prefix: "kolikko_demo_" });
    await using miner = Rig.startIn(dir, ["demo-miner", "--name", "gpu"], {});
    await miner.untilLogged("READY");
    const askedAt = performance.now();
    miner.signal(signal);
    assertEquals((await miner.ended()).code, 0, miner.log);
    assert(performance.now() - askedAt < 1_000);
    assertMatch(miner.log, /^\[[-\d]+ [\d:.]+\] {2}net {6}use pool /);
    assertMatch(miner.log, new RegExp(`signal {3}${signal} received, exiting`));
  }
});
