import { assertEquals } from "@std/assert";
import { Doorbell } from "../../lib/doorbell.ts";
import { OutputBuffer } from "../../lib/output_buffer.ts";
import { PublisherService } from "../../lib/mqtt/publisher_service.ts";
import { CLOSED_BY_US } from "../../lib/mqtt/reasons.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";

function publishing() {
  const clock = new FakeClock();
  const doorbell = new Doorbell();
  const output = new OutputBuffer({ doorbell });
  const broker = new FakeBroker({ clock });
  const stop = new AbortController();
  const denied: (readonly string[])[] = [];
  const publisher = new PublisherService({
    output,
    doorbell,
    clock,
    availabilityTopic: "h/availability",
    onDenied: (topics) => denied.push(topics),
  });
  const running = publisher.run(stop.signal);
  const connect = async () => {
    const link = await broker.connect({})(stop.signal);
    publisher.use(link);
    await settle();
    return link;
  };
  return {
    broker,
    clock,
    publisher,
    output,
    denied,
    connect,
    /** As if `run()` had failed. */
    async stop() {
      stop.abort();
      await running;
    },
    async put(payloads: Record<string, string>) {
      output.put(new Map(Object.entries(payloads)));
      await settle();
    },
    sent: () =>
      broker.published.map(({ topic, payload }) => `${topic}=${payload}`),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await settle();
      await running;
    },
  };
}

Deno.test("PublisherService.run() says online, then all it knows, retained, at each connection", async () => {
  await using rig = publishing();
  await rig.put({ "h/status": "OFF" });
  assertEquals(rig.sent(), []);
  await rig.connect();
  assertEquals(rig.sent(), ["h/availability=online", "h/status=OFF"]);
  assertEquals(rig.broker.published.every(({ retain }) => retain), true);
});

Deno.test("PublisherService.run() sends changes at once, and equal payloads not again", async () => {
  await using rig = publishing();
  await rig.connect();
  await rig.put({ "h/status": "ON" });
  await rig.put({ "h/status": "ON" });
  await rig.put({ "h/status": "OFF" });
  assertEquals(rig.broker.payloads("h/status"), ["ON", "OFF"]);
});

Deno.test("PublisherService.run() replays nothing after an outage: the newest state, once", async () => {
  await using rig = publishing();
  await rig.connect();
  await rig.put({ "h/status": "ON" });
  rig.broker.kill();
  rig.publisher.use(undefined);
  for (const payload of ["OFF", "ON", "OFF"]) {
    await rig.put({ "h/status": payload });
  }
  rig.broker.restart();
  await rig.connect();
  assertEquals(rig.broker.payloads("h/status"), ["ON", "OFF"]);
});

Deno.test("PublisherService.run() sends anew what a dying connection did not take", async () => {
  await using rig = publishing();
  await rig.connect();
  rig.broker.freeze();
  await rig.put({ "h/status": "ON" });
  rig.broker.cut();
  rig.broker.thaw();
  await settle();
  assertEquals(rig.broker.payloads("h/status"), []);
  rig.publisher.use(undefined);
  await rig.connect();
  assertEquals(rig.broker.payloads("h/status"), ["ON"]);
});

Deno.test("PublisherService.run() goes on with other topics where the broker denies one", async () => {
  await using rig = publishing();
  rig.broker.denyPublish.add("h/info");
  await rig.connect();
  await rig.put({ "h/info": "x", "h/status": "ON" });
  await rig.put({ "h/info": "y", "h/status": "OFF" });
  assertEquals(rig.broker.payloads("h/status"), ["ON", "OFF"]);
});

Deno.test("PublisherService.finish() sends what is left, says offline last, and leaves without the will", async () => {
  await using rig = publishing();
  const link = await rig.connect();
  await rig.put({ "h/status": "ON" });
  rig.broker.freeze();
  await rig.put({ "h/status": "OFF" });
  const finished = rig.publisher.finish(1_000);
  await rig.clock.advance(100);
  rig.broker.thaw();
  await rig.clock.advance(100);
  await finished;
  assertEquals(rig.sent().slice(-2), [
    "h/status=OFF",
    "h/availability=offline",
  ]);
  assertEquals(await link.closed, CLOSED_BY_US);
});

Deno.test("PublisherService.finish() says OFF and offline itself where nobody else sends any more", async () => {
  await using rig = publishing();
  const link = await rig.connect();
  await rig.put({ "h/status": "ON" });
  await rig.stop();
  await rig.put({ "h/status": "OFF" });
  const finished = rig.publisher.finish(1_000);
  await rig.clock.advance(1_100);
  await finished;
  assertEquals(rig.sent().slice(-2), [
    "h/status=OFF",
    "h/availability=offline",
  ]);
  assertEquals(await link.closed, CLOSED_BY_US);
});

Deno.test("PublisherService.finish() gives a broker that does not answer up after its limit", async () => {
  await using rig = publishing();
  await rig.connect();
  rig.broker.freeze();
  await rig.put({ "h/status": "OFF" });
  const finished = rig.publisher.finish(1_000);
  await rig.clock.advance(2_000);
  await finished;
});

Deno.test("PublisherService.run() tells which topics are denied, until they are not", async () => {
  await using rig = publishing();
  rig.broker.denyPublish.add("h/status");
  rig.broker.denyPublish.add("h/problem");
  await rig.connect();
  await rig.put({ "h/status": "ON", "h/statusmsg": "OK", "h/problem": "{}" });
  assertEquals(rig.denied.at(-1), ["h/status", "h/problem"]);
  await rig.put({ "h/status": "OFF" });
  assertEquals(rig.denied.length, 2);
  rig.broker.denyPublish.delete("h/status");
  await rig.put({ "h/status": "ON" });
  assertEquals(rig.denied.at(-1), ["h/problem"]);
  rig.broker.denyPublish.clear();
  await rig.connect();
  assertEquals(rig.denied.at(-1), []);
});

Deno.test("PublisherService.run() sends events without retain, and none of an outage", async () => {
  await using rig = publishing();
  rig.output.say("h/event", "before");
  const link = await rig.connect();
  rig.output.say("h/event", "now");
  await settle();
  const sent = rig.broker.published.filter(({ topic }) => topic === "h/event");
  assertEquals(sent.map(({ payload, retain }) => [payload, retain]), [
    ["now", false],
  ]);
  await link.close();
});

Deno.test("PublisherService.run() says again each minute what was denied, until it is allowed", async () => {
  await using rig = publishing();
  rig.broker.denyPublish.add("h/status");
  rig.broker.denyPublish.add("h/availability");
  await rig.connect();
  await rig.put({ "h/status": "ON", "h/problem": "{}" });
  await rig.clock.advance(60_000);
  assertEquals(rig.sent(), ["h/problem={}"]);
  rig.broker.denyPublish.clear();
  await rig.clock.advance(59_999);
  assertEquals(rig.sent(), ["h/problem={}"]);
  await rig.clock.advance(1);
  const all = ["h/problem={}", "h/availability=online", "h/status=ON"];
  assertEquals(rig.sent(), all);
  assertEquals(rig.denied.at(-1), []);
  await rig.clock.advance(600_000);
  assertEquals(rig.sent(), all, "once is enough");
});
