import { assertEquals } from "@std/assert";
import { Doorbell } from "../lib/doorbell.ts";
import { OutputBuffer } from "../lib/output_buffer.ts";

const put = (output: OutputBuffer, payloads: Record<string, string>) =>
  output.put(new Map(Object.entries(payloads)));

Deno.test("OutputBuffer.drain() gives what changed, newest payload only, in order", () => {
  const output = new OutputBuffer({ doorbell: new Doorbell() });
  put(output, { a: "1", b: "1" });
  put(output, { a: "2", b: "1" });
  assertEquals(output.drain(), [
    { topic: "a", payload: "2" },
    { topic: "b", payload: "1" },
  ]);
  assertEquals(output.isDrained, true);
  put(output, { a: "2", b: "1" });
  assertEquals(output.drain(), []);
  put(output, { b: "3" });
  assertEquals(output.drain(), [{ topic: "b", payload: "3" }]);
});

Deno.test("OutputBuffer.repeatAll() sends everything once more, as it is now", () => {
  const output = new OutputBuffer({ doorbell: new Doorbell() });
  put(output, { a: "1", b: "1" });
  output.drain();
  put(output, { a: "2" });
  output.repeatAll();
  assertEquals(output.drain().length, 2);
  assertEquals(output.drain(), []);
});

Deno.test("OutputBuffer.repeat() repeats one topic, and nothing that never was", () => {
  const output = new OutputBuffer({ doorbell: new Doorbell() });
  output.repeat("a");
  assertEquals(output.drain(), []);
  put(output, { a: "1", b: "1" });
  output.drain();
  output.repeat("a");
  assertEquals(output.drain(), [{ topic: "a", payload: "1" }]);
});

Deno.test("OutputBuffer.drain() leaves out what changed and is by now as it was sent", () => {
  const output = new OutputBuffer({ doorbell: new Doorbell() });
  const put = (payload: string) => output.put(new Map([["h/status", payload]]));
  put("ON");
  assertEquals(output.drain(), [{ topic: "h/status", payload: "ON" }]);
  put("OFF");
  put("ON");
  assertEquals(output.drain(), []);
  put("OFF");
  output.repeat("h/status");
  put("ON");
  // Somebody wants to hear it again.
  assertEquals(output.drain(), [{ topic: "h/status", payload: "ON" }]);
  put("OFF");
  put("ON");
  output.repeatAll();
  assertEquals(output.drain().length, 1);
});

Deno.test("OutputBuffer.say() is sent once, after the states, and not kept for later", () => {
  const output = new OutputBuffer({ doorbell: new Doorbell() });
  output.say("h/event", "1");
  output.put(new Map([["h/status", "ON"]]));
  output.say("h/event", "2");
  assertEquals(output.isDrained, false);
  assertEquals(output.drain().map(({ topic, payload }) => topic + payload), [
    "h/statusON",
    "h/event1",
    "h/event2",
  ]);
  assertEquals(output.isDrained, true);
  output.repeatAll();
  assertEquals(output.drain().length, 1);
  output.say("h/event", "3");
  output.dropEvents();
  assertEquals(output.drain(), []);
  for (let count = 0; count < 60; count += 1) output.say("h/event", `${count}`);
  const drained = output.drain();
  assertEquals([drained.length, drained[0]?.payload], [50, "10"]);
});
