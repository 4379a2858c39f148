import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Broker } from "../../lib/mqtt/broker.ts";
import type { Connect, Link } from "../../lib/mqtt/link.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";

/** A Broker on a FakeBroker, and a consumer that takes link after link. */
class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly fake = new FakeBroker({ clock: this.clock });
  readonly log = new RecordedLog();
  readonly stop = new AbortController();
  readonly broker: Broker;
  /** When each link came, in virtual seconds. */
  readonly cameAt: number[] = [];
  /** When each try was made, in virtual seconds. */
  readonly triedAt: number[] = [];
  cutAtOnce = false;
  isHeating = false;
  readonly #run: Promise<void>;

  constructor(
    options: { random?: () => number; prepare?: (f: FakeBroker) => void } = {},
  ) {
    options.prepare?.(this.fake);
    const inner = this.fake.connect({ clientId: "rig" });
    const connect: Connect = (signal) => {
      this.triedAt.push(this.clock.now() / 1000);
      return inner(signal);
    };
    const random = options.random ?? (() => 0.5);
    const { clock, log } = this;
    this.broker = new Broker({ connect, clock, log, random });
    this.#run = this.#consume();
  }

  async #consume(): Promise<void> {
    const isHeating = () => this.isHeating;
    for await (const link of this.broker.links(this.stop.signal, isHeating)) {
      this.cameAt.push(this.clock.now() / 1000);
      if (this.cutAtOnce) this.fake.cut();
      await link.closed;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    this.fake.cut();
    await this.#run;
  }
}

function without(fake: FakeBroker): void {
  fake.refusal = "nothing listens there";
}

Deno.test("Broker.links() tries again with growing waits, for ever", async () => {
  await using world = new World({ prepare: without });
  await world.clock.advance(250_000);
  assertEquals(world.triedAt, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  assertEquals(world.cameAt, []);
  world.fake.refusal = undefined;
  await world.clock.advance(60_000);
  assertEquals(world.cameAt, [303]);
});

Deno.test("Broker.links() never waits for more than 15 s while something heats", async () => {
  await using world = new World({ prepare: without });
  world.isHeating = true;
  await world.clock.advance(61_000);
  assertEquals(world.triedAt, [0, 1, 3, 7, 15, 30, 45, 60]);
  world.isHeating = false;
  await world.clock.advance(76_000);
  assertEquals(world.triedAt.slice(-2), [75, 135]);
});

Deno.test("Broker.links() spreads its waits by a fifth up and down", async () => {
  for (
    const [random, second] of [[0, 0.8], [0.5, 1], [0.999999, 1.2]] as const
  ) {
    await using world = new World({ prepare: without, random: () => random });
    await world.clock.advance(1500);
    assertEquals(Math.round((world.triedAt[1] ?? 0) * 10) / 10, second);
  }
});

Deno.test("Broker.links() is back one second after a good connection is lost", async () => {
  await using world = new World();
  await world.clock.advance(100_000);
  world.fake.cut();
  await world.clock.advance(10_000);
  assertEquals(world.cameAt, [0, 101]);
});

Deno.test("Broker.links() does not make a hot loop of connections that die at once", async () => {
  await using world = new World();
  world.cutAtOnce = true;
  await world.clock.advance(600_000);
  assertEquals(world.cameAt.slice(0, 8), [0, 1, 3, 7, 15, 31, 63, 123]);
  assert(world.cameAt.length < 20);
  assertStringIncludes(world.log.loud.join("\n"), "again and again");
});

Deno.test("Broker.links() waits a minute in a fight over the client id, and tells of the rival", async () => {
  await using world = new World();
  await world.clock.advance(400_000);
  const other = world.fake.connect({ clientId: "rig" });
  const { signal } = new AbortController();
  await other(signal);
  await world.clock.advance(1000);
  assertEquals(world.cameAt, [0, 401]);
  assertEquals(world.broker.rival, undefined);
  await other(signal);
  await world.clock.advance(59_999);
  assertEquals(world.cameAt.length, 2);
  await world.clock.advance(1);
  assertEquals(world.cameAt, [0, 401, 461]);
  assertStringIncludes(world.broker.rival ?? "", 'uses the id "rig"');
  assertStringIncludes(world.broker.rival ?? "", "[rig]");
  // The other one waits a minute as well: the fight goes on all the same.
  await world.clock.advance(70_000);
  await other(signal);
  await world.clock.advance(60_000);
  assertEquals(world.cameAt, [0, 401, 461, 591]);
  assertStringIncludes(world.broker.rival ?? "", 'uses the id "rig"');
  // It gave up. The next loss is one like any other.
  await world.clock.advance(300_000);
  world.fake.cut();
  await world.clock.advance(1000);
  assertEquals(world.cameAt.at(-1), 892);
  assertEquals(world.broker.rival, undefined);
});

Deno.test("Broker.rival speaks of another client only where the broker told of one", async () => {
  await using world = new World();
  world.cutAtOnce = true;
  await world.clock.advance(600_000);
  assertStringIncludes(world.broker.rival ?? "", "again and again");
  assert(!/another client|its own id/.test(world.log.loud.join()));
});

Deno.test("Broker.rival tells of short lives in a row, until a connection lived for five minutes", async () => {
  await using world = new World();
  const cutAfter = async (ms: number) => {
    await world.clock.advance(ms);
    const { length } = world.cameAt;
    world.fake.cut();
    while (world.cameAt.length === length) await world.clock.advance(500);
  };
  await cutAfter(59_000);
  await cutAfter(59_000);
  assertEquals(world.broker.rival, undefined);
  await cutAfter(59_000);
  assertStringIncludes(world.broker.rival ?? "", "again and again");
  // In a fight each side holds the id for a minute or so.
  await cutAfter(290_000);
  assertStringIncludes(world.broker.rival ?? "", "again and again");
  await cutAfter(300_000);
  assertEquals(world.broker.rival, undefined);
});

Deno.test("Broker.rival is over after a long connection also where we end that ourselves", async () => {
  const clock = new FakeClock();
  const fake = new FakeBroker({ clock });
  const log = new RecordedLog();
  const connect = fake.connect({ clientId: "rig" });
  const broker = new Broker({ connect, clock, log, random: () => 0.5 });
  const links = broker.links(new AbortController().signal);
  const next = async () => {
    const link = links.next();
    await clock.advance(50_000);
    return (await link).value;
  };
  for (let life = 0; life < 3; life++) {
    await next();
    fake.cut();
  }
  const link = await next();
  assert(broker.rival !== undefined);
  await clock.advance(300_000);
  // As the publisher does where an answer is not given.
  await link?.close();
  await next();
  assertEquals(broker.rival, undefined);
  await links.return();
});

Deno.test("Broker.state follows the connection and its moments", async () => {
  const world = new World();
  assertEquals(world.broker.state, { kind: "connecting", since: 0 });
  await world.clock.advance(5000);
  assertEquals(world.broker.state, { kind: "connected", since: 0 });
  world.fake.kill();
  await world.clock.advance(9000);
  assertEquals(world.broker.state, { kind: "connecting", since: 5000 });
  await world[Symbol.asyncDispose]();
});

Deno.test("Broker.links() logs a failure once, then every ten minutes, then its end", async () => {
  await using world = new World();
  await world.clock.advance(100_000);
  world.fake.kill();
  await world.clock.advance(25 * 60_000);
  world.fake.restart();
  await world.clock.advance(60_000);
  const lost = "Lost the broker as the broker closed the connection";
  const refused =
    'Cannot connect to "mqtt://fake" as nothing listens on port 1883 there';
  const warned = (reason: string) =>
    `warn: No connection to the broker ${JSON.stringify({ reason })}`;
  assertEquals(world.log.loud.slice(0, 4), [
    warned(lost),
    warned(refused),
    warned(refused),
    warned(refused),
  ]);
  assertEquals(world.log.loud.length, 5);
  assertStringIncludes(
    world.log.loud[4] ?? "",
    'info: Connected to the broker again {"awayS":15',
  );
  assert(world.log.lines.length > 20);
});

Deno.test("Broker.links() ends at once when it is asked to stop during a wait", async () => {
  const world = new World({ prepare: without });
  await world.clock.advance(100_000);
  await world[Symbol.asyncDispose]();
  assertEquals(world.clock.nextDue(), undefined);
});

Deno.test("Broker.links() ends the connection of a consumer that stops reading, and the will speaks", async () => {
  const clock = new FakeClock();
  const fake = new FakeBroker({ clock });
  const will = { topic: "availability", payload: "offline", retain: true };
  const log = new RecordedLog();
  const connect = fake.connect({ will });
  const broker = new Broker({ connect, clock, log, random: () => 0.5 });
  let taken: Link | undefined;
  for await (const link of broker.links(new AbortController().signal)) {
    taken = link;
    break;
  }
  assertEquals(await taken?.closed, "the connection was given up");
  assertEquals(fake.payloads("availability"), ["offline"]);
});

Deno.test("Broker.links() lets an error through that is no failed connection", async () => {
  const clock = new FakeClock();
  const broker = new Broker({
    connect: () => Promise.reject(new TypeError("a bug")),
    clock,
    log: new RecordedLog(),
    random: () => 0.5,
  });
  const links = broker.links(new AbortController().signal);
  await assertRejects(() => links.next(), TypeError, "a bug");
});
