import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { EnergyCounts } from "../../lib/core/energy.ts";
import { encodeEnergy } from "../../lib/core/energy_text.ts";
import type { Contents } from "../../lib/service/atomic_file.ts";
import { EnergyFile } from "../../lib/service/energy_file.ts";
import { freshSeed } from "../simulation/random.ts";
import { energyKills } from "./energy_kills.ts";

function counts(kwh: number): EnergyCounts {
  const count = { kwh, heatHours: 1, starts: 2 };
  return { total: count, commands: new Map([["cpu", count]]) };
}

/** A file in memory whose disk a test can hold up or break. */
class Disk {
  contents: Contents = { kind: "missing" };
  writes = 0;
  isFull = false;
  aside = 0;
  readonly lines: string[] = [];
  hold: Promise<void> = Promise.resolve();

  open(): EnergyFile {
    return new EnergyFile({
      path: "/state/rig.energy.json",
      file: {
        read: () => Promise.resolve(this.contents),
        write: async (text) => {
          await this.hold;
          if (this.isFull) throw new Error("no space left");
          this.writes += 1;
          this.contents = { kind: "text", text };
        },
      },
      putAside: () => {
        this.aside += 1;
        return Promise.resolve();
      },
      log: {
        warn: (text, properties) =>
          this.lines.push(`${text} ${JSON.stringify(properties)}`),
      },
    });
  }
}

Deno.test("EnergyFile gives back what it kept, and begins at 0 without it", async () => {
  const disk = new Disk();
  const first = disk.open();
  assertEquals((await first.load()).total.kwh, 0);
  await first.keep(counts(1.5));
  assertEquals(await disk.open().load(), counts(1.5));
  assertEquals(disk.lines, []);
});

Deno.test("EnergyFile counts from 0 and puts the file aside if it is damaged", async () => {
  const damages: [Contents, string][] = [
    [{ kind: "damaged", reason: "no checksum" }, "no checksum"],
    [{ kind: "text", text: "{}" }, "its version is missing"],
    [
      {
        kind: "text",
        text: encodeEnergy(counts(1)).replace('"kwh":1', '"kwh":-1'),
      },
      "wanted a count",
    ],
  ];
  for (const [contents, reason] of damages) {
    const disk = new Disk();
    disk.contents = contents;
    const file = disk.open();
    assertEquals((await file.load()).total.kwh, 0);
    assertEquals([disk.aside, disk.lines.length], [1, 1]);
    assertStringIncludes(disk.lines[0] ?? "", reason);
    assertStringIncludes(disk.lines[0] ?? "", "/state/rig.energy.json.damaged");
    await file.keep(counts(2));
    assertEquals((await disk.open().load()).total.kwh, 2);
  }
});

Deno.test("EnergyFile writes nothing that the disk has already", async () => {
  const disk = new Disk();
  const file = disk.open();
  await file.keep(counts(1));
  await file.keep(counts(1));
  assertEquals(disk.writes, 1);
  const again = disk.open();
  await again.load();
  await again.keep(counts(1));
  assertEquals(disk.writes, 1);
});

Deno.test("EnergyFile goes on writing after counts that did not change", async () => {
  const disk = new Disk();
  const file = disk.open();
  for (const kwh of [1, 1, 2, 2, 2, 3]) await file.keep(counts(kwh));
  assertEquals(disk.writes, 3);
  const again = disk.open();
  assertEquals((await again.load()).total.kwh, 3);
  // What was found at the start does not change while nothing heats.
  for (const kwh of [3, 4]) await again.keep(counts(kwh));
  assertEquals((await disk.open().load()).total.kwh, 4);
});

Deno.test("EnergyFile keeps the latest alone of what piles up while the disk is slow", async () => {
  const disk = new Disk();
  const file = disk.open();
  const held = Promise.withResolvers<void>();
  disk.hold = held.promise;
  const first = file.keep(counts(1));
  // It is under way, with the first counts.
  await Promise.resolve();
  const kept = [first, ...[2, 3, 4].map((kwh) => file.keep(counts(kwh)))];
  held.resolve();
  await Promise.all(kept);
  assertEquals(disk.writes, 2);
  assertEquals((await disk.open().load()).total.kwh, 4);
});

Deno.test("EnergyFile says once that the disk is full, and goes on when it is not", async () => {
  const disk = new Disk();
  const file = disk.open();
  disk.isFull = true;
  await file.keep(counts(1));
  await file.keep(counts(2));
  assertEquals(disk.lines.length, 1);
  assertStringIncludes(disk.lines[0] ?? "", "no space left");
  disk.isFull = false;
  await file.keep(counts(3));
  assertEquals(disk.lines.length, 2);
  assertEquals((await disk.open().load()).total.kwh, 3);
  disk.isFull = true;
  await file.keep(counts(4));
  assertEquals(disk.lines.length, 3);
});

Deno.test("EnergyFile survives a kill -9 of its writer, with nothing lost that was kept", async () => {
  const report = await energyKills({ kills: 15, seed: freshSeed() });
  assertEquals(report.violations, []);
  assert(report.starts >= report.kills, JSON.stringify(report));
});
