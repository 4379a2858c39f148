import type { LogRecord } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import { type Reading, readingOf } from "../../lib/core/reading.ts";
import { Poller } from "../../lib/telemetry/poller.ts";
import { ReadError } from "../../lib/telemetry/read_error.ts";
import type { Reader } from "../../lib/telemetry/reader.ts";
import { READERS } from "../../lib/telemetry/readers.ts";
import { systemClock } from "../../lib/clock.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { withLogged } from "../fakes/logged.ts";
import { until } from "../stand_in/stand_in.ts";
import { Buffered } from "./buffered.ts";
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

const WHERE = { host: "127.0.0.1", port: 1, token: "s3cret" };

async function polled(
  test: (it: {
    readonly clock: FakeClock;
    readonly miner: Miner;
    readonly rig: Buffered;
  }) => Promise<void>,
  neighbours: readonly number[] = [],
): Promise<void> {
  const clock = new FakeClock();
  const miner = new Miner();
  const read = { isRead: true, staleAfterMs: 30 * S };
  const rig = new Buffered(clock, [read, read]);
  const poller = new Poller({
    index: 0,
    name: "rig",
    reader: miner.reader,
    where: WHERE,
    buffer: rig.buffer,
    clock,
    intervalMs: 10 * S,
    neighbours,
  });
  const over = new AbortController();
  const running = poller.run(over.signal);
  await settle();
  await test({ clock, miner, rig });
  over.abort();
  for (const { reject } of miner.waiting) reject(new ReadError("over"));
  await running;
  assertEquals(clock.nextDue(), undefined);
}

Deno.test("Poller asks at once when a run begins, then every interval", async () => {
  await polled(async ({ clock, miner, rig }) => {
    miner.waiting.shift()?.reject(new ReadError("nothing listens there"));
    miner.answer = () => rate(5);
    await clock.advance(25 * S);
    assertEquals(miner.asked, 1);
    rig.begin();
    await settle();
    assertEquals([miner.asked, rig.told().reading], [2, rate(5)]);
    assertEquals(rig.told().readAt, 25 * S);
    await clock.advance(10 * S - 1);
    assertEquals(miner.asked, 2);
    await clock.advance(1);
    assertEquals([miner.asked, rig.told().readAt], [3, 35 * S]);
  });
});

Deno.test("Poller looks once a minute for what still answers while nothing runs", async () => {
  await polled(async ({ clock, miner, rig }) => {
    assertEquals(miner.asked, 1);
    miner.waiting.shift()?.resolve(rate(5));
    await settle();
    assertEquals(rig.told().busy?.hashrateHs, 5);
    miner.answer = refuse;
    await clock.advance(60 * S - 1);
    assertEquals(miner.asked, 1);
    await clock.advance(1);
    assertEquals([miner.asked, rig.told().busy], [2, undefined]);
    assertEquals(rig.told().fault, undefined);
  });
});

Deno.test("Poller takes no neighbour that runs for something left over", async () => {
  await polled(async ({ clock, miner, rig }) => {
    miner.waiting.shift()?.reject(new ReadError("nothing listens there"));
    miner.answer = () => rate(5);
    rig.begin(1);
    await clock.advance(180 * S);
    assertEquals([miner.asked, rig.told().busy], [1, undefined]);
    rig.end(1);
    await clock.advance(60 * S);
    assertEquals([miner.asked, rig.told().busy?.hashrateHs], [2, 5]);
  }, [1]);
});

Deno.test("Poller never asks twice at a time", async () => {
  await polled(async ({ clock, miner, rig }) => {
    miner.waiting.shift()?.reject(new ReadError("nothing listens there"));
    rig.begin();
    await clock.advance(100 * S);
    assertEquals(miner.asked, 2);
    miner.waiting.shift()?.resolve(rate(1));
    await settle();
    // The next one was due long ago.
    await clock.advance(0);
    assertEquals(miner.asked, 3);
  });
});

Deno.test("Poller gives no run the answer of another one", async () => {
  await polled(async ({ clock, miner, rig }) => {
    miner.waiting.shift()?.reject(new ReadError("nothing listens there"));
    rig.begin();
    await settle();
    await clock.advance(S);
    rig.end();
    rig.begin();
    miner.waiting.shift()?.resolve(rate(1));
    await settle();
    assertEquals(rig.told().reading, undefined);
    // The new run is asked as soon as the old answer is out of the way.
    assertEquals(miner.asked, 3);
    miner.waiting.shift()?.resolve(rate(2));
    await settle();
    assertEquals(rig.told().reading?.hashrateHs, 2);
  });
});

Deno.test("Poller says why it cannot read, without the password", async () => {
  await polled(async ({ clock, miner, rig }) => {
    miner.waiting.shift()?.reject(new ReadError("nothing listens there"));
    miner.answer = () => {
      throw new ReadError("it said s3cret");
    };
    rig.begin();
    await clock.advance(10 * S);
    assertEquals(
      rig.told().fault,
      "Cannot read XMRig at 127.0.0.1:1 as it said ***: switch it on",
    );
    miner.answer = () => rate(6);
    await clock.advance(10 * S);
    assertEquals([rig.told().fault, rig.told().reading], [undefined, rate(6)]);
  });
});

Deno.test("Poller bears a fault in a reader", async () => {
  await polled(async ({ clock, miner, rig }) => {
    miner.waiting.shift()?.reject(new ReadError("nothing"));
    miner.answer = () => {
      throw new TypeError("x is undefined");
    };
    rig.begin();
    await clock.advance(20 * S);
    assertEquals(miner.asked, 4);
    assertEquals(
      rig.told().fault,
      "Cannot read XMRig: a fault in its reader (x is undefined)",
    );
  });
});

Deno.test("Poller logs a fault once, its end once, and none while a miner starts", async () => {
  const lineOf = ({ level, message }: LogRecord) =>
    `${level} ${message.join("")}`;
  await withLogged(lineOf, async (lines) => {
    await polled(async ({ clock, miner, rig }) => {
      miner.waiting.shift()?.reject(new ReadError("nothing"));
      miner.answer = refuse;
      rig.begin();
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
  });
});

Deno.test("Poller calls the reading off when its run ends", async () => {
  await using server = new SmallServer((_, to) => untilClosed(to));
  const rig = new Buffered(systemClock);
  const poller = new Poller({
    index: 0,
    name: "rig",
    reader: READERS.gminer,
    where: server.where,
    buffer: rig.buffer,
    clock: systemClock,
    intervalMs: 60_000,
    neighbours: [],
    timeLimitMs: 60_000,
  });
  const over = new AbortController();
  const running = poller.run(over.signal);
  await until("it is asked while idle", () => server.asked.length === 1);
  rig.begin();
  await until("it is asked", () => server.asked.length === 2);
  rig.end();
  await until("it is asked while idle", () => server.asked.length === 3);
  await until("the others are closed", () => server.open === 1);
  over.abort();
  await running;
  await until("the connection is closed", () => server.open === 0);
});
