import { assertEquals } from "@std/assert";
import { eventsOf, type Seen } from "../../lib/core/events.ts";
import type { CommandFacts, VerdictKind } from "../../lib/core/types.ts";
import { crashed, facts, running } from "./make.ts";

function seen(
  command: CommandFacts,
  some: Partial<Omit<Seen, "observed" | "decision">> & {
    readonly kind?: VerdictKind;
    readonly cause?: Seen["decision"]["cause"];
  } = {},
): Seen {
  const { kind = "running", cause = "word", ...rest } = some;
  return {
    isEngaged: false,
    notice: undefined,
    observed: { commands: [command] },
    decision: {
      cause,
      verdicts: [{ command: "a", kind, wanted: true, until: undefined }],
    },
    ...rest,
  };
}

Deno.test("eventsOf() tells nothing where nothing happened", () => {
  for (const one of [facts(), running(0), crashed(9)]) {
    assertEquals(eventsOf(seen(one), seen(one)), []);
  }
});

Deno.test("eventsOf() tells of heat, starts, crashes and what the watchdog ended", () => {
  const started = eventsOf(
    seen(facts()),
    seen(running(5), { isEngaged: true }),
  );
  assertEquals(started, [
    { event_type: "heat_on" },
    { event_type: "miner_started", command: "a", pid: 100 },
  ]);
  const exit = { kind: "code", code: 3 } as const;
  assertEquals(
    eventsOf(
      seen(running(0), { isEngaged: true }),
      seen(crashed(1_000, { startedAt: 0, exit })),
    ),
    [
      { event_type: "heat_off" },
      {
        event_type: "miner_crashed",
        command: "a",
        exit: "exit code 3",
        watchdog: null,
      },
    ],
  );
  const bark = { kind: "silent", since: 0, forMs: 9 } as const;
  const ended = running(0, { signalledAt: 9, exitedAt: 10, exit, bark });
  assertEquals(
    eventsOf(seen(running(0, { bark })), seen(ended))[0]?.watchdog,
    "silent",
  );
  // Its end may be known before how it ended.
  const gone = crashed(1_000, { startedAt: 0, exit: undefined });
  assertEquals(eventsOf(seen(running(0)), seen(gone))[0]?.exit, null);
  // A stop that was asked for is no crash, and leftovers are no start.
  const stopped = running(0, { signalledAt: 9, exitedAt: 10, exit });
  assertEquals(eventsOf(seen(running(0)), seen(stopped)), []);
  assertEquals(eventsOf(seen(facts()), seen(running(5, { leftover: 1 }))), []);
});

Deno.test("eventsOf() tells of a start that failed at once, between two looks", () => {
  const events = eventsOf(seen(facts()), seen(crashed(5_000)));
  assertEquals(events.map(({ event_type }) => event_type), [
    "miner_started",
    "miner_crashed",
  ]);
});

Deno.test("eventsOf() tells each lockout, overheating, failsafe and refusal once", () => {
  const one = running(0);
  const table: [Parameters<typeof seen>[1], string][] = [
    [{ kind: "lockout" }, "miner_gave_up"],
    [{ kind: "too_hot" }, "overheat"],
    [{ cause: "forgotten" }, "safety_stop"],
    [{ notice: "Refused" }, "command_rejected"],
  ];
  for (const [some, type] of table) {
    const events = eventsOf(seen(one), seen(one, some));
    assertEquals(events.map(({ event_type }) => event_type), [type]);
    assertEquals(eventsOf(seen(one, some), seen(one, some)), []);
  }
});

Deno.test("eventsOf() tells of the same refusal again", () => {
  const refused = (notices: number) =>
    seen(facts(), { notice: 'Refused "on"', notices });
  const reason = 'Refused "on"';
  const told = [{ event_type: "command_rejected", reason } as const];
  assertEquals(eventsOf(seen(facts()), refused(1)), told);
  assertEquals(eventsOf(refused(1), refused(1)), []);
  assertEquals(eventsOf(refused(1), refused(2)), told);
});
