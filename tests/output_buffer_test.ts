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
