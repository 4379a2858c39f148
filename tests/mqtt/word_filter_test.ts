import { assertEquals } from "@std/assert";
import { Doorbell } from "../../lib/doorbell.ts";
import { InputBuffer } from "../../lib/input_buffer.ts";
import { WordFilter } from "../../lib/mqtt/word_filter.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { withLogged } from "../fakes/logged.ts";
import { topicsBelow } from "../fakes/topics.ts";

const TOPICS = topicsBelow("/h");

type Retained = "off-only" | "ignore" | "accept";

/** A filter on its first connection, before it knows all that is kept. */
function filter(retainedCommands: Retained) {
  const clock = new FakeClock({ now: 1_000 });
  const input = new InputBuffer({ clock, doorbell: new Doorbell() });
  const words = new WordFilter({
    input,
    clock,
    topics: TOPICS,
    retainedCommands,
    allowShutdown: true,
  });
  words.begin();
  const take = (topic: string, text: string, retain: boolean) =>
    words.take({
      topic,
      payload: new TextEncoder().encode(text),
      retain,
      kept: false,
    }, 0);
  return {
    words,
    input,
    clock,
    /** A number is said on the topic of the level, all else on that of the command. */
    say(text: string, retain = false) {
      const isLevel = !Number.isNaN(Number(text));
      take(isLevel ? TOPICS.levelSet : TOPICS.command, text, retain);
      return input.read().word;
    },
  };
}

Deno.test("WordFilter makes the same of what is kept, in whichever order it comes", () => {
  const table: [Retained, string, string, string][] = [
    ["accept", "ON", "40", "on 40"],
    ["accept", "ON", "0", "off"],
    ["accept", "OFF", "40", "off"],
    ["accept", "OFF", "0", "off"],
    ["off-only", "ON", "40", "none"],
    ["off-only", "ON", "0", "off"],
    ["off-only", "OFF", "40", "off"],
    ["ignore", "OFF", "0", "none"],
    ["ignore", "ON", "40", "none"],
  ];
  for (const [retained, command, level, expected] of table) {
    for (const order of [[command, level], [level, command]]) {
      const { words, input, say } = filter(retained);
      for (const text of order) {
        // Nothing that is kept heats before all is known, not even for a moment.
        assertEquals(say(text, true)?.demand === "on", false, text);
      }
      words.settle();
      const { word } = input.read();
      const found = word === undefined
        ? "none"
        : [word.demand, ...word.demand === "on" ? [word.level] : []].join(" ");
      assertEquals(found, expected, `${retained} ${order}`);
    }
  }
});

Deno.test("WordFilter takes what is said for newer than what is kept", () => {
  for (const fresh of ["OFF", "0", "SHUTDOWN"]) {
    const { words, input, say } = filter("accept");
    say("ON", true);
    say("40", true);
    say(fresh);
    words.settle();
    assertEquals(input.read().word?.demand === "on", false, fresh);
  }
  const { words, say } = filter("accept");
  words.settle();
  say("0", true);
  say("OFF");
  // The level 0 is over by now.
  assertEquals(say("ON", true)?.demand, "on");
});

Deno.test("WordFilter doubts a kept ON beside a level 0 on each connection anew", () => {
  const { words, input, say } = filter("accept");
  words.settle();
  say("OFF");
  words.begin();
  say("ON", true);
  say("0", true);
  words.settle();
  assertEquals(input.read().word?.demand, "off");
  assertEquals(input.read().waiting?.includes(`A retained "ON"`), true);
  // What is kept no more is no reason.
  words.begin();
  say("ON", true);
  words.settle();
  assertEquals(input.read().word?.demand, "on");
});

/** What is logged meanwhile, without its properties. */
function texts(work: () => void | Promise<void>): Promise<string[]> {
  return withLogged((record) => record.rawMessage.toString(), work);
}

Deno.test("WordFilter tells of a flood of garbage the first messages, and then how many", async () => {
  const { clock, input, words, say } = filter("off-only");
  words.settle();
  const notices = new Set<string | undefined>();
  const flood = () => {
    for (let each = 0; each < 100_000; each++) {
      say(`nonsense ${each}`);
      notices.add(input.read().notice);
    }
  };
  assertEquals(await texts(flood), Array(5).fill("Refused a message"));
  assertEquals(notices.size, 5);
  await clock.advance(10_000);
  const after = await texts(() => {
    say("more");
    assertEquals(
      input.read().notice,
      `Refused "more"; say ON or OFF, in capitals (99996 were refused since the last)`,
    );
    // What is not told by then is told with the next word.
    say("more");
    say("ON");
  });
  assertEquals(after, ["Refused a message", "Refused more messages", "Heard"]);
  assertEquals(input.read().word?.demand, "on");
});

Deno.test("WordFilter logs of a flood of words the first ones, and obeys the last", async () => {
  const { words, say, input } = filter("off-only");
  words.settle();
  const flood = () => {
    for (let each = 0; each < 10_000; each++) say(each % 2 ? "OFF" : "ON");
  };
  assertEquals(await texts(flood), Array(20).fill("Heard"));
  assertEquals(input.read().word?.demand, "off");
});

Deno.test("WordFilter keeps of a flood that waits the latest word on each topic", async () => {
  const { words, say, input } = filter("off-only");
  const told = await texts(() => {
    for (let each = 0; each < 20_000; each++) say(`${1 + each % 99}`);
    for (let each = 0; each < 20_000; each++) say("ON");
    words.settle();
  });
  assertEquals(told, ["Heard", "Heard"]);
  assertEquals(input.read().word?.level, 2);
});

Deno.test("WordFilter lets an ON that waited in the session heat only once all that is kept is known", () => {
  const table: readonly (readonly [Retained, string, string])[] = [
    ["off-only", "OFF", "off"],
    ["accept", "OFF", "off"],
    ["accept", "0", "off"],
    ["ignore", "OFF", "on"],
    ["off-only", "ON", "on"],
  ];
  for (const [retained, kept, expected] of table) {
    const { words, input, say } = filter(retained);
    say("OFF");
    assertEquals(say("ON")?.demand, "off", "not even for a moment");
    say(kept, true);
    words.settle();
    assertEquals(input.read().word?.demand, expected, `${retained} ${kept}`);
  }
});

Deno.test("WordFilter takes what waited in the session in its order", () => {
  const { words, input, say } = filter("off-only");
  say("40");
  say("ON");
  words.settle();
  const { word } = input.read();
  assertEquals([word?.demand, word?.level], ["on", 40]);
  words.begin();
  say("ON");
  say("OFF");
  words.settle();
  assertEquals(input.read().word?.demand, "off");
});
