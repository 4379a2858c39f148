import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Moment } from "../../lib/core/crash_loop.ts";
import type { Contents } from "../../lib/service/atomic_file.ts";
import { LivesFile } from "../../lib/service/lives_file.ts";

const MIN = 60_000;

function at(ms: number): Moment {
  return { boot: "b1", upMs: ms, wallMs: 5_000_000 + ms };
}

/** A file in memory whose disk a test can break. */
class Disk {
  contents: Contents = { kind: "missing" };
  isFull = false;
  readonly lines: string[] = [];

  open(): LivesFile {
    return new LivesFile({
      file: {
        read: () => Promise.resolve(this.contents),
        write: (text) => {
          if (this.isFull) return Promise.reject(new Error("no space left"));
          this.contents = { kind: "text", text };
          return Promise.resolve();
        },
      },
      log: {
        warn: (text, properties) =>
          this.lines.push(`${text} ${JSON.stringify(properties)}`),
      },
    });
  }
}

Deno.test("LivesFile counts who did not end, and keeps the hold over restarts", async () => {
  const disk = new Disk();
  for (let start = 0; start < 5; start += 1) {
    assertEquals(await disk.open().begin(at(start * MIN)), undefined);
  }
  const held = disk.open();
  assertEquals(await held.begin(at(5 * MIN)), { forMs: 30 * MIN, ends: 5 });
  await held.end();
  assertEquals(await disk.open().begin(at(15 * MIN)), {
    forMs: 20 * MIN,
    ends: 5,
  });
  assertEquals(disk.lines, []);
});

Deno.test("LivesFile counts nobody who ended in order", async () => {
  const disk = new Disk();
  for (let start = 0; start < 10; start += 1) {
    const life = disk.open();
    assertEquals(await life.begin(at(start)), undefined);
    await life.end();
  }
  assertEquals(disk.lines, []);
});

Deno.test("LivesFile keeps what the permissions hide out of its file", async () => {
  const disk = new Disk();
  const hidden = { boot: "", upMs: undefined, wallMs: 5_000_000 };
  for (let start = 0; start < 5; start += 1) await disk.open().begin(hidden);
  assertEquals((await disk.open().begin(hidden))?.ends, 5);
  assertEquals(disk.lines, []);
});

Deno.test("LivesFile holds heat once after a file that it cannot use, and says so", async () => {
  const moment = '{"boot":"b1","upMs":1,"wallMs":2}';
  const damages: Contents[] = [
    { kind: "damaged", reason: "its text does not match its checksum" },
    ...[
      "",
      "null",
      "[]",
      '{"v":2,"runs":true,"ends":[]}',
      '{"v":1,"ends":[]}',
      '{"v":1,"runs":1,"ends":[]}',
      '{"v":1,"runs":true,"ends":{}}',
      '{"v":1,"runs":true,"ends":[7]}',
      '{"v":1,"runs":true,"ends":[{"boot":1,"wallMs":2}]}',
      '{"v":1,"runs":true,"ends":[{"boot":"b","wallMs":"2"}]}',
      '{"v":1,"runs":true,"ends":[{"boot":"b","upMs":"1","wallMs":2}]}',
      `{"v":1,"runs":true,"ends":[{"boot":"${"b".repeat(101)}","wallMs":2}]}`,
      `{"v":1,"runs":true,"ends":[],"held":{"ends":5}}`,
      `{"v":1,"runs":true,"ends":[],"held":{"from":${moment},"ends":"5"}}`,
    ].map((text): Contents => ({ kind: "text", text })),
  ];
  for (const contents of damages) {
    const disk = new Disk();
    disk.contents = contents;
    const said = JSON.stringify(contents);
    const hold = { forMs: 30 * MIN, ends: undefined };
    assertEquals(await disk.open().begin(at(0)), hold, said);
    assertEquals(disk.lines.length, 1, said);
    assertStringIncludes(disk.lines[0] ?? "", "record of starts and ends");
    assertEquals((await disk.open().begin(at(MIN)))?.forMs, 29 * MIN, said);
    assertEquals(await disk.open().begin(at(31 * MIN)), undefined, said);
    assertEquals(disk.lines.length, 1, said);
  }
});

Deno.test("LivesFile tells of a disk that does not take it, and lets the controller begin", async () => {
  const disk = new Disk();
  disk.isFull = true;
  const life = disk.open();
  assertEquals(await life.begin(at(0)), undefined);
  await life.end();
  assertEquals(disk.lines.length, 2);
  assertStringIncludes(disk.lines[0] ?? "", "no space left");
});
