import { assertEquals } from "@std/assert";
import { readingOf, sumOf } from "../../lib/core/reading.ts";

Deno.test("readingOf() keeps a number within sense, and tells nothing else", () => {
  const table: [number | undefined, number | undefined][] = [
    [undefined, undefined],
    [0, 0],
    [0.5, 0.5],
    [1e18, 1e18],
    [1.01e18, undefined],
    [Infinity, undefined],
    [NaN, undefined],
    [-0.001, undefined],
  ];
  for (const [hashrateHs, expected] of table) {
    assertEquals(readingOf({ hashrateHs }).hashrateHs, expected);
  }
  // Would be published as "-0".
  assertEquals(Object.is(readingOf({ hashrateHs: -0 }).hashrateHs, 0), true);
});

Deno.test("readingOf() counts whole shares", () => {
  const accepted = [2.9, -1, 2 ** 53, NaN].map((accepted) =>
    readingOf({ accepted }).accepted
  );
  assertEquals(accepted, [2, undefined, undefined, undefined]);
});

Deno.test("readingOf() takes 0 W and 0 degrees for sensors that are not there", () => {
  const found = {
    powerW: 0,
    temperatures: [0, -1, 250.5, undefined, 61].map((celsius, index) => ({
      device: `gpu${index}`,
      celsius,
    })),
  };
  const { powerW, temperatures } = readingOf(found);
  assertEquals(powerW, undefined);
  assertEquals(temperatures, [{ device: "gpu4", celsius: 61 }]);
});

Deno.test("readingOf() leaves out what a miner tells of other algorithms, if it is no rate", () => {
  const others = [NaN, 7, -1].map((hashrateHs) => ({
    algorithm: "zil",
    hashrateHs,
  }));
  assertEquals(readingOf({ others }).others, [
    { algorithm: "zil", hashrateHs: 7 },
  ]);
});

Deno.test("readingOf() limits devices, algorithms and texts", () => {
  const many = Array.from({ length: 1000 }, () => 1);
  const reading = readingOf({
    temperatures: many.map((celsius) => ({ device: "", celsius })),
    others: many.map((hashrateHs) => ({ algorithm: "a", hashrateHs })),
    algorithm: `\x1b[31m${"x".repeat(1000)}`,
  });
  assertEquals(reading.temperatures.length, 64);
  assertEquals(reading.temperatures[0]?.device, "device");
  assertEquals(reading.others.length, 4);
  assertEquals(reading.algorithm, `[31m${"x".repeat(116)}`);
});

Deno.test("readingOf() leaves wallet and password out of the pool's address", () => {
  const table: [string, string | undefined][] = [
    [
      "stratum1+tls12://0xabc.rig:secret@eu1.example.org:5555",
      "stratum1+tls12://eu1.example.org:5555",
    ],
    ["wallet@pool.example.org:3333", "pool.example.org:3333"],
    ["a@b@pool.example.org:1", "pool.example.org:1"],
    ["pool.example.org:3333", "pool.example.org:3333"],
    ["wallet@", undefined],
    ["", undefined],
  ];
  for (const [pool, expected] of table) {
    assertEquals(readingOf({ pool }).pool, expected, pool);
  }
});

Deno.test("sumOf() adds what is told, and tells nothing if nothing is", () => {
  assertEquals(sumOf([1, undefined, 2]), 3);
  assertEquals(sumOf([0]), 0);
  assertEquals(sumOf([undefined]), undefined);
  assertEquals(sumOf([]), undefined);
});
