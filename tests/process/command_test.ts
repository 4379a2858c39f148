import { assertEquals } from "@std/assert";
import type { Bark } from "../../lib/core/types.ts";
import { Doorbell } from "../../lib/doorbell.ts";
import { Command } from "../../lib/process/command.ts";
import { commandLimits, MIN, S, WATCHDOG } from "../core/make.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { type Behaviour, FakeProcesses } from "../fakes/fake_process.ts";
import { withLogged } from "../fakes/logged.ts";

const DAY = 24 * 60 * MIN;

/** A command of which the watchdog may end runs. */
function make(behaviour: Behaviour = {}) {
  const clock = new FakeClock();
  const system = new FakeProcesses({
    ticker: {
      now: () => clock.now(),
      later: (ms, then) => void clock.sleep(ms).then(then),
    },
  });
  system.behave("a", behaviour);
  const command = new Command({
    spec: { name: "a", exec: "miner", args: [], cwd: "/", env: {} },
    limits: commandLimits({ watchdog: { ...WATCHDOG, warmUpMs: MIN } }),
    spawn: system.spawn,
    clock,
    doorbell: new Doorbell(),
    random: () => 0.5,
    newMark: (name) => name,
    onLine: () => {},
  });
  /** Runs so long, is ended for this reason, and is proven gone. */
  const barkAfter = async (ms: number, since: number) => {
    const startedAt = clock.now();
    command.start();
    await clock.advance(ms);
    command.bark(bark(startedAt + since, ms - since));
    command.signal("polite");
    await clock.advance(S);
    command.look();
    await clock.advance(S);
  };
  return { clock, command, barkAfter };
}

function bark(since: number, forMs: number): Bark {
  return { kind: "silent", since, forMs };
}

Deno.test("Command.bark() makes a failure of a run, and ends nothing by itself", async () => {
  const { clock, command, barkAfter } = make();
  command.start();
  await clock.advance(5 * MIN);
  command.bark(bark(0, 5 * MIN));
  assertEquals(command.facts.bark, bark(0, 5 * MIN));
  assertEquals(command.facts.barks, [5 * MIN]);
  assertEquals(command.facts.signalledAt, undefined);
  assertEquals(command.facts.failures, 0);
  command.signal("polite");
  await clock.advance(S);
  command.look();
  await clock.advance(S);
  const { facts } = command;
  assertEquals([facts.failures, facts.endedByItself], [1, false]);
  assertEquals(facts.emptyAt === undefined, false);
  await barkAfter(5 * MIN, 0);
  assertEquals([command.facts.failures, command.facts.restarts], [2, 1]);
  assertEquals(command.facts.barks, [5 * MIN, 10 * MIN + 2 * S]);
});

Deno.test("Command.bark() forgives earlier failures only if the run worked for long enough", async () => {
  const { command, barkAfter } = make();
  await barkAfter(5 * MIN, 0);
  await barkAfter(60 * MIN, 2 * MIN - 1);
  assertEquals(command.facts.failures, 2);
  // A minute of warm_up, and the minute of stable_after.
  await barkAfter(60 * MIN, 2 * MIN);
  assertEquals(command.facts.failures, 1);
});

Deno.test("Command.start() forgets why the run before was ended, and what lies a day back", async () => {
  const { clock, command, barkAfter } = make();
  await barkAfter(5 * MIN, 0);
  await barkAfter(5 * MIN, 0);
  const [first = 0, second = 0] = command.facts.barks;
  await clock.advance(first + DAY - clock.now() - 1);
  command.start();
  assertEquals(command.facts.bark, undefined);
  assertEquals(command.facts.barks, [first, second]);
  command.kill();
  await clock.advance(1);
  command.start();
  assertEquals(command.facts.barks, [second]);
});

Deno.test("Command.forgive() forgets failures and barks, and notes when", async () => {
  const { clock, command, barkAfter } = make();
  await barkAfter(5 * MIN, 0);
  assertEquals(command.facts.failures, 1);
  command.forgive();
  const { failures, barks, forgivenAt } = command.facts;
  assertEquals([failures, barks, forgivenAt], [0, [], clock.now()]);
  // It is known in the next run, too.
  command.start();
  assertEquals(command.facts.forgivenAt, clock.now());
});

Deno.test("Command.look() takes a late answer that nothing is left for a proof", async () => {
  const { clock, command } = make({ lookMs: 16 * S });
  command.start();
  command.signal("polite");
  await clock.advance(S);
  command.look();
  await clock.advance(15 * S);
  command.look();
  assertEquals(command.facts.lookError, "the operating system does not answer");
  await clock.advance(S);
  const { emptyAt, lookingSince, lookedAt, lookError } = command.facts;
  assertEquals([emptyAt, lookedAt], [17 * S, 17 * S]);
  assertEquals([lookingSince, lookError], [undefined, undefined]);
  // The answer that follows is news of a run that is over.
  await clock.advance(MIN);
  assertEquals([command.facts.emptyAt, command.facts.looks], [17 * S, 1]);
});

Deno.test("Command.look() takes a late answer that something is left for old", async () => {
  const { clock, command } = make({ children: 1, lookMs: 16 * S });
  command.start();
  command.signal("polite");
  await clock.advance(S);
  command.look();
  await clock.advance(15 * S);
  command.look();
  await clock.advance(15 * S);
  assertEquals(command.facts.lookedAt, undefined);
  await clock.advance(S);
  assertEquals(command.facts.remaining.length, 1);
  assertEquals(command.facts.emptyAt, undefined);
});

Deno.test("Command.look() takes no answer of an earlier run for a proof of the next one", async () => {
  const { clock, command } = make({ lookMs: 16 * S });
  command.start();
  command.signal("polite");
  await clock.advance(S);
  command.look();
  await clock.advance(15 * S);
  command.look();
  await clock.advance(S);
  command.start();
  await clock.advance(MIN);
  assertEquals(command.facts.emptyAt, undefined);
  assertEquals(command.facts.lookedAt, undefined);
});

Deno.test("Command.look() counts what a leader left behind after it was asked to go, too", async () => {
  const { clock, command } = make({
    children: 2,
    endsAfterMs: S,
    lookMs: 3 * S,
  });
  command.start();
  await clock.advance(S);
  command.look();
  await clock.advance(2 * S);
  command.signal("polite");
  await clock.advance(S);
  assertEquals(command.facts.leftBehind, 2);
});

Deno.test("Command.kill() says that it did not stop when asked only of what was asked", async () => {
  const told = (act: (command: Command) => void) =>
    withLogged(
      ({ rawMessage }) =>
        String(rawMessage).startsWith("Killed")
          ? String(rawMessage)
          : undefined,
      () => {
        const { command } = make();
        command.start();
        act(command);
      },
    );
  assertEquals(await told((command) => command.kill()), [
    "Killed {command} without asking it to stop",
  ]);
  const asked = await told((command) => {
    command.signal("polite");
    command.kill();
    command.kill();
  });
  assertEquals(asked, [
    "Killed {command}: it did not stop when asked",
    "Killed {command} again: it is not gone yet",
  ]);
});
