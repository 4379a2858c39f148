import { assertEquals } from "@std/assert";
import { makeMark, readMark } from "../../lib/process/mark.ts";

const MARK = {
  rig: "rig_1",
  command: "xmrig-2",
  controller: { pid: 4711, startTicks: 1176027 },
  run: "50868f7e",
};

Deno.test("makeMark() writes rig, command, controller and run", () => {
  assertEquals(makeMark(MARK), "rig_1/xmrig-2/4711.1176027/50868f7e");
});

Deno.test("readMark() reads what makeMark() writes, also where the start is unknown", () => {
  const unknown = { ...MARK, controller: { pid: 4711, startTicks: 0 } };
  for (const mark of [MARK, unknown]) {
    assertEquals(readMark(makeMark(mark)), mark);
  }
});

Deno.test("readMark() reads the older form, which names no controller", () => {
  assertEquals(readMark("rig_1/xmrig-2/50868f7e"), {
    ...MARK,
    controller: undefined,
  });
});

Deno.test("readMark() takes nothing else for a mark", () => {
  const texts = [
    "",
    "rig_1",
    "rig_1/xmrig",
    "rig_1//1.2/run",
    "/xmrig/1.2/run",
    "rig_1/xmrig/1.2/",
    "rig_1/xmrig/1.2/run/more",
    "rig_1/xmrig/1/run",
    "rig_1/xmrig/0.2/run",
    "rig_1/xmrig/-1.2/run",
    "rig_1/xmrig/1.2.3/run",
    "rig_1/xmrig/1.x/run",
    "rig_1/xmrig/1.99999999999999999999/run",
  ];
  for (const text of texts) assertEquals(readMark(text), undefined, text);
});
