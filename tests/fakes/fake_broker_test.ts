import { assertEquals, assertRejects } from "@std/assert";
import { ConnectError, PublishDenied } from "../../lib/mqtt/link.ts";
import { Inbox, never } from "../mqtt_tools.ts";
import { FakeBroker } from "./fake_broker.ts";
import { FakeClock, settle } from "./fake_clock.ts";
import { topicMatches } from "./topic_matches.ts";

const WILL = { topic: "availability", payload: "offline", retain: true };

Deno.test("FakeBroker.freeze() leaves everything unanswered until it thaws", async () => {
  const broker = new FakeBroker();
  const link = await broker.connect()(never());
  broker.freeze();
  let answered = false;
  const published = link.publish("a", "b", { retain: true });
  void published.then(() => answered = true);
  await settle();
  assertEquals([answered, broker.published.length], [false, 0]);
  broker.thaw();
  await published;
  assertEquals(broker.payloads("a"), ["b"]);
});

Deno.test("FakeBroker.freeze() is noticed after one and a half keepalives", async () => {
  const clock = new FakeClock();
  const broker = new FakeBroker({ clock });
  const link = await broker.connect({ keepaliveMs: 10_000 })(never());
  broker.freeze();
  const published = assertRejects(() =>
    link.publish("a", "b", { retain: true })
  );
  await clock.advance(15_000);
  await published;
  const abort = new AbortController();
  const connecting = broker.connect()(abort.signal);
  abort.abort();
  await assertRejects(() => connecting, ConnectError, "asked to stop");
});

Deno.test("FakeBroker.cut() sends a delayed will only if the client stays away", async () => {
  const clock = new FakeClock();
  const broker = new FakeBroker({ clock });
  const connect = broker.connect({ will: WILL, willDelayMs: 10_000 });
  await connect(never());
  broker.cut();
  await clock.advance(9_000);
  await connect(never());
  await clock.advance(9_000);
  assertEquals(broker.payloads("availability"), []);
  broker.cut();
  await clock.advance(10_000);
  assertEquals(broker.retained("availability"), "offline");
});

Deno.test("FakeBroker.cut() keeps the session and what comes meanwhile for a while", async () => {
  const clock = new FakeClock();
  const broker = new FakeBroker({ clock });
  const connect = broker.connect({ sessionMs: 30_000 });
  for (
    const [awayMs, first] of [[29_000, "heat=ON (kept)"], [
      31_000,
      "heat=OFF",
    ]] as const
  ) {
    const link = await connect(never());
    await link.subscribe(["heat"]);
    broker.cut();
    broker.publish("heat", "ON");
    await clock.advance(awayMs);
    const next = await connect(never());
    await next.subscribe(["heat"]);
    broker.publish("heat", "OFF");
    assertEquals(await new Inbox(next).next(), first);
    await next.close();
  }
});

Deno.test("FakeBroker.refusal, denyPublish and denySubscribe refuse what they name", async () => {
  const broker = new FakeBroker();
  const link = await broker.connect()(never());
  broker.denyPublish.add("a");
  broker.denySubscribe.add("b");
  broker.refusal = "the broker refuses user";
  await assertRejects(
    () => link.publish("a", "x", { retain: true }),
    PublishDenied,
  );
  await link.publish("b", "x", { retain: true });
  assertEquals(await link.subscribe(["a", "b"]), [
    { topic: "b", reason: "not authorized" },
  ]);
  await assertRejects(
    () => broker.connect()(never()),
    ConnectError,
    "refuses user",
  );
});

Deno.test("topicMatches() covers levels, wildcards and leading slashes as MQTT does", () => {
  const cases: [string, string, boolean][] = [
    ["/a/b", "/a/b", true],
    ["/a/b", "a/b", false],
    ["+/b", "/b", true],
    ["+", "/b", false],
    ["/a/#", "/a", true],
    ["/a/#", "/a/b/c", true],
    ["/a/+", "/a", false],
    ["/a/+", "/a/", true],
    ["#", "/a", true],
    ["#", "$SYS/a", false],
    ["a", "a/b", false],
  ];
  for (const [filter, topic, matches] of cases) {
    assertEquals(topicMatches(filter, topic), matches, `${filter} ${topic}`);
  }
});
