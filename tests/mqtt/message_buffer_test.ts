import { assertEquals } from "@std/assert";
import type { Message } from "../../lib/mqtt/link.ts";
import { MessageBuffer } from "../../lib/mqtt/message_buffer.ts";
import { settle } from "../fakes/fake_clock.ts";

function message(topic: string): Message {
  return { topic, payload: new Uint8Array(), retain: false, kept: false };
}

/** Is it resolved by now? */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => done = true);
  await settle();
  return done;
}

Deno.test("MessageBuffer.taken() waits until the reader is done with all that came", async () => {
  const buffer = new MessageBuffer({ limit: 10, onFull() {} });
  assertEquals(await isDone(buffer.taken()), true, "nobody reads yet");
  const held = Promise.withResolvers<void>();
  const read: string[] = [];
  const reading = (async () => {
    for await (const { topic } of buffer) {
      read.push(topic);
      if (topic === "b") await held.promise;
    }
  })();
  await settle();
  assertEquals(await isDone(buffer.taken()), true, "nothing came");
  for (const topic of ["a", "b", "c"]) buffer.push(message(topic));
  const taken = buffer.taken();
  assertEquals(await isDone(taken), false);
  assertEquals(read, ["a", "b"]);
  held.resolve();
  assertEquals(await isDone(taken), true);
  assertEquals(read, ["a", "b", "c"]);
  buffer.push(message("d"));
  buffer.end();
  assertEquals(await isDone(buffer.taken()), true, "the end lets nobody wait");
  await reading;
  assertEquals(read.at(-1), "d");
});

Deno.test("MessageBuffer.taken() waits for no reader that went away", async () => {
  const buffer = new MessageBuffer({ limit: 10, onFull() {} });
  buffer.push(message("a"));
  buffer.push(message("b"));
  let taken: Promise<void> = Promise.resolve();
  for await (const _ of buffer) {
    taken = buffer.taken();
    break;
  }
  assertEquals(await isDone(taken), true);
  assertEquals(await isDone(buffer.taken()), true);
});

Deno.test("MessageBuffer.push() drops no word for garbage, but the older of two words on one subject", async () => {
  let full = 0;
  const buffer = new MessageBuffer({
    limit: 10,
    onFull: () => full += 1,
    subject: ({ topic }) => topic.startsWith("word") ? topic[4] : undefined,
  });
  for (const topic of ["wordA1", "wordB1", "garbage"]) {
    buffer.push(message(topic));
  }
  for (let each = 0; each < 5_000; each++) buffer.push(message(`${each}`));
  buffer.push(message("wordA2"));
  for (let each = 5_000; each < 10_000; each++) buffer.push(message(`${each}`));
  buffer.end();
  const read = [];
  for await (const { topic } of buffer) read.push(topic);
  assertEquals(read, [
    "wordB1",
    "wordA2",
    ...Array.from({ length: 8 }, (_, index) => `${9_992 + index}`),
  ]);
  assertEquals(full, 1);
});
