import { assert } from "@std/assert";
import type { Reading } from "../../lib/core/reading.ts";
import { ReadError } from "../../lib/telemetry/read_error.ts";
import type { Ask } from "../../lib/telemetry/reader.ts";
import { READERS } from "../../lib/telemetry/readers.ts";
import { recorded } from "./recorded.ts";

const MUTATIONS = 2000;
const PIECES = [
  "null",
  "-1",
  "NaN",
  "1e999",
  "-1e999",
  "1e308",
  "{}",
  "[]",
  '""',
  '"a"',
  "true",
  "0",
  '"-5"',
  '"1,5"',
  "}{",
  "|",
  ";",
  "=",
  "\0",
  "\n",
  '"',
  "\\",
  "[[[[",
  "Infinity",
  "9".repeat(400),
  "\ud800",
  "-0",
];

/** A small generator of numbers in [0, 1), the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Damages a text: a value or any place is replaced, a part left out, repeated or cut off. */
function mutated(text: string, random: () => number): string {
  const pick = () => Math.floor(random() * (text.length + 1));
  const piece = PIECES[Math.floor(random() * PIECES.length)] ?? "";
  const from = pick();
  const to = Math.min(from + Math.floor(random() * 30), text.length);
  switch (Math.floor(random() * 6)) {
    case 0:
      return text.slice(0, from);
    case 1:
      return text.slice(0, from) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(from);
    case 3:
      return text.slice(0, from) + piece + text.slice(to);
    default: { // The value of one key: as JSON, or as a record has it.
      const values = [
        ...text.matchAll(/(?<=": ?|=)(?:"[^"]*"|[^",;|{}[\]]+)/g),
      ];
      const value = values[Math.floor(random() * values.length)];
      if (value === undefined) return piece;
      return text.slice(0, value.index) + piece +
        text.slice(value.index + value[0].length);
    }
  }
}

/** What is wrong with a reading, if anything. */
function faultOf(reading: Reading): string | undefined {
  const numbers: [string, number | undefined][] = [
    ["hashrateHs", reading.hashrateHs],
    ["accepted", reading.accepted],
    ["rejected", reading.rejected],
    ["stale", reading.stale],
    ["uptimeS", reading.uptimeS],
    ["powerW", reading.powerW],
    ...reading.temperatures.map((
      { celsius },
    ): [string, number] => ["celsius", celsius]),
    ...reading.others.map((
      { hashrateHs },
    ): [string, number] => ["other", hashrateHs]),
  ];
  for (const [name, value] of numbers) {
    if (value === undefined) continue;
    if (!Number.isFinite(value) || value < 0 || Object.is(value, -0)) {
      return `${name} is ${value}`;
    }
  }
  const texts = [reading.algorithm, reading.pool];
  // deno-lint-ignore no-control-regex
  const strange = texts.find((text) => /[\x00-\x1f\x7f]/.test(text ?? ""));
  return strange === undefined ? undefined : "a control character";
}

for (const [index, { family, name, answers }] of (await recorded()).entries()) {
  Deno.test(`READERS.${family} bears ${MUTATIONS} damaged forms of ${name}`, async () => {
    const random = randomFrom(index + 1);
    let read = 0;
    for (let round = 0; round < MUTATIONS; round++) {
      const said: string[] = [];
      const answer = (asked: string) => {
        const text = answers[asked.trim()];
        if (text === undefined) throw new ReadError("nothing", { status: 404 });
        said.push(mutated(text, random));
        return Promise.resolve(said.at(-1) ?? "");
      };
      const ask: Ask = {
        http: (_, path) => answer(path),
        json: (_, words) => answer(words),
        records: (_, words) => answer(words),
        wall: () => Date.UTC(2022, 0, 1),
      };
      try {
        const reading = await READERS[family].read(ask, { host: "h", port: 1 });
        const fault = faultOf(reading);
        assert(fault === undefined, `${fault}, from ${said.join(" and ")}`);
        read += 1;
      } catch (error) {
        if (!(error instanceof ReadError)) {
          throw new Error(said.join(" and "), { cause: error });
        }
      }
    }
    // Not all damage is deadly: otherwise the check above looked at nothing.
    assert(read > MUTATIONS / 20, `${read} readings`);
  });
}
