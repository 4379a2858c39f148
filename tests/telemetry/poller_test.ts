import { configure, type LogRecord, reset } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import { type Reading, readingOf } from "../../lib/core/reading.ts";
import { Poller } from "../../lib/telemetry/poller.ts";
import { ReadError } from "../../lib/telemetry/read_error.ts";
import type { Reader } from "../../lib/telemetry/reader.ts";
import { READERS } from "../../lib/telemetry/readers.ts";
import { NOTHING_TOLD } from "../../lib/telemetry/telemetry.ts";
import { systemClock } from "../../lib/clock.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { until } from "../stand_in/stand_in.ts";
import { SmallServer, untilClosed } from "./small_server.ts";

const S = 1_000;

/** A miner whose answers a test gives one by one. */
class Miner {
  /** Answers that are waited for, the oldest first. */
  readonly waiting: {
    resolve(reading: Reading): void;
    reject(error: unknown): void;
  }[] = [];
  asked = 0;
  /** What is answered at once, if anything. */
  answer: (() => Reading) | undefined;

  readonly reader: Reader = {
    family: "xmrig",
    program: "XMRig",
    advice: "switch it on",
    read: () => {
      this.asked += 1;
      const { answer } = this;
      if (answer !== undefined) return Promise.resolve().then(answer);
      return new Promise((resolve, reject) =>
        this.waiting.push({ resolve, reject })
      );
    },
  };
}

const rate = (hashrateHs: number) => readingOf({ hashrateHs });
const refuse = () => {
  throw new ReadError("nothing listens there");
};

async function polled(
  test: (it: {
    readonly clock: FakeClock;
    readonly miner: Miner;
    readonly poller: Poller;
    readonly told: () => number;
  }) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  const miner = new Miner();
  let told = 0;
  const poller = new Poller({
    name: "rig",
    reader: miner.reader,
    where: { host: "127.0.0.1", port: 1, token: "s3cret" },
    clock,
    onTold: () => told++,
  });
  const over = new AbortController();
  const running = poller.run(over.signal);
  await settle();
  await test({ clock, miner, poller, told: () => told });
  over.abort();
  for (const { reject } of miner.waiting) reject(new ReadError("over"));
  await running;
  assertEquals(clock.nextDue(), undefined);
}

Deno.test("Poller asks at once when a run begins, then every interval, and not without one", async () => {
  await polled(async ({ clock, miner, poller, told }) => {
    miner.answer = () => rate(5);
    await clock.advance(100 * S);
    assertEquals(miner.asked, 0);
    poller.begin();
    await settle();
    assertEquals(poller.told(), {
      ...NOTHING_TOLD,
      reading: rate(5),
      readAt: 100 * S,
    });
    await clock.advance(10 * S - 1);
    assertEquals([miner.asked, told()], [1, 1]);
    await clock.advance(1);
    assertEquals([miner.asked, told()], [2, 2]);
    assertEquals(poller.told().readAt, 110 * S);
    poller.end();
    assertEquals(poller.told(), NOTHING_TOLD);
    await clock.advance(100 * S);
    assertEquals(miner.asked, 2);
  });
});

Deno.test("Poller never asks twice at a time", async () => {
  await polled(async ({ clock, miner, poller }) => {
    poller.begin();
    await clock.advance(100 * S);
    assertEquals(miner.asked, 1);
    miner.waiting.shift()?.resolve(rate(1));
    await settle();
    // The next one was due long ago.
    await clock.advance(0);
    assertEquals(miner.asked, 2);
  });
});

Deno.test("Poller drops an answer that comes after its run has ended", async () => {
  await polled(async ({ miner, poller, told }) => {
    poller.begin();
    await settle();
    poller.end();
    miner.waiting.shift()?.resolve(rate(1));
    await settle();
    assertEquals([poller.told(), told()], [NOTHING_TOLD, 0]);
  });
});

Deno.test("Poller gives no run the answer of another one", async () => {
  await polled(async ({ miner, poller, told }) => {
    poller.begin();
    await settle();
    poller.begin();
    miner.waiting.shift()?.resolve(rate(1));
    await settle();
    assertEquals([poller.told(), told()], [NOTHING_TOLD, 0]);
    await settle();
    // The new run is asked as soon as the old answer is out of the way.
    assertEquals(miner.asked, 2);
    miner.waiting.shift()?.resolve(rate(2));
    await settle();
    assertEquals(poller.told().reading?.hashrateHs, 2);
  });
});

Deno.test("Poller holds a reading for three intervals, and says since when it fails", async () => {
  await polled(async ({ clock, miner, poller }) => {
    miner.answer = () => rate(5);
    poller.begin();
    await settle();
    miner.answer = refuse;
    await clock.advance(30 * S);
    assertEquals(poller.told(), {
      reading: rate(5),
      readAt: 0,
      failingSince: 10 * S,
      why:
        "Cannot read XMRig at 127.0.0.1:1 as nothing listens there: switch it on",
    });
    await clock.advance(1);
    assertEquals(poller.told().reading, undefined);
    miner.answer = () => rate(6);
    await clock.advance(10 * S);
    assertEquals(poller.told(), {
      ...NOTHING_TOLD,
      reading: rate(6),
      readAt: 40 * S,
    });
  });
});

Deno.test("Poller bears a fault in a reader", async () => {
  await polled(async ({ clock, miner, poller }) => {
    miner.answer = () => {
      throw new TypeError("x is undefined");
    };
    poller.begin();
    await clock.advance(20 * S);
    assertEquals(miner.asked, 3);
    assertEquals(
      poller.told().why,
      "Cannot read XMRig: a fault in its reader (x is undefined)",
    );
  });
});

Deno.test("Poller logs a fault once, its end once, and none while a miner starts", async () => {
  const lines: string[] = [];
  const sink = ({ level, message }: LogRecord) =>
    lines.push(`${level} ${message.join("")}`);
  await configure({
    reset: true,
    sinks: { kept: sink },
    loggers: [
      { category: ["kolikko"], lowestLevel: "debug", sinks: ["kept"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: [] },
    ],
  });
  try {
    await polled(async ({ clock, miner, poller }) => {
      miner.answer = refuse;
      poller.begin();
      await clock.advance(119 * S);
      assertEquals(lines, []);
      await clock.advance(100 * S);
      assertEquals(lines, ["warning Cannot read the miner of rig"]);
      miner.answer = () => rate(1);
      await clock.advance(100 * S);
      assertEquals(lines.splice(0).slice(1), [
        "info Reads the miner of rig again",
      ]);
      // It was readable in this run: now it is news at once.
      miner.answer = refuse;
      await clock.advance(100 * S);
      assertEquals(lines, ["warning Cannot read the miner of rig"]);
    });
  } finally {
    await reset();
  }
});

Deno.test("Poller.end() calls off the reading that is under way", async () => {
  await using server = new SmallServer((_, to) => untilClosed(to));
  const poller = new Poller({
    name: "rig",
    reader: READERS.gminer,
    where: server.where,
    clock: systemClock,
    timeLimitMs: 60_000,
  });
  const over = new AbortController();
  const running = poller.run(over.signal);
  poller.begin();
  await until("it is asked", () => server.asked.length === 1);
  poller.end();
  await until("the connection is closed", () => server.open === 0);
  poller.begin();
  await until("it is asked again", () => server.asked.length === 2);
  over.abort();
  await running;
  await until("the connection is closed", () => server.open === 0);
});
