import { assertEquals } from "@std/assert";
import { Slots } from "../../lib/mqtt/slots.ts";
import { settle } from "../fakes/fake_clock.ts";

Deno.test("Slots.use() runs so many at once as the limit says, in order, failed ones too", async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const uses = ends.map(({ promise }, index) =>
    slots.use(() => {
      begun.push(index);
      return promise;
    }).catch(() => {})
  );
  await settle();
  assertEquals(begun, [0, 1]);
  ends[1]?.reject(new Error("broken"));
  await settle();
  assertEquals(begun, [0, 1, 2]);
  slots.limit = 1;
  ends[0]?.resolve();
  await settle();
  assertEquals(begun, [0, 1, 2]);
  for (const end of ends) end.resolve();
  await Promise.all(uses);
  assertEquals(begun, [0, 1, 2, 3, 4]);
});
