import { assertEquals } from "@std/assert";
import { subjectOf } from "../../lib/mqtt/subject.ts";
import { topicsBelow } from "../fakes/topics.ts";

Deno.test("subjectOf() knows what counts on each topic, and kept from said", () => {
  const topics = topicsBelow("/h");
  const subject = subjectOf({ topics, allowShutdown: false });
  const of = (topic: string, text: string, retain = false) =>
    subject({ topic, payload: new TextEncoder().encode(text), retain });
  const table = [
    [topics.command, ["ON", "OFF "], [
      "on",
      "?",
      "SHUTDOWN",
      "x".repeat(2_000),
    ]],
    [topics.levelSet, ["0", "43.5"], ["101", "?"]],
    [topics.requestRestart, ["PRESS"], ["press", "?"]],
    [topics.thermostatStatus, ["online", "offline"], ["asleep"]],
    ["/h/else", [], ["ON"]],
  ] as const;
  const all = new Set<string | undefined>();
  for (const [topic, words, garbage] of table) {
    for (const word of words) all.add(of(topic, word));
    assertEquals(
      garbage.map((text) => of(topic, text)),
      garbage.map(() => undefined),
    );
  }
  assertEquals([all.size, all.has(undefined)], [4, false]);
  assertEquals(of(topics.command, "ON") === of(topics.command, "OFF"), true);
  assertEquals(
    of(topics.command, "ON", true) === of(topics.command, "ON"),
    false,
  );
});
