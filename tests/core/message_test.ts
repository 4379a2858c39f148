import { assert } from "@std/assert";
import { decide } from "../../lib/core/decide.ts";
import { problemReason, statusMessage } from "../../lib/core/message.ts";
import { crashed, desired, MIN, observed, running } from "./make.ts";

Deno.test("statusMessage() names what does not die before all other problems", () => {
  const names = ["rig_in_the_garage", "rig_in_the_cellar", "old_cards"];
  const wish = desired({
    word: "off",
    commands: names.map((name) => ({ name })),
  });
  const lastLines = ["CUDA error: out of memory ".repeat(9)];
  const now = MIN;
  const seen = observed([
    crashed(now, { name: "rig_in_the_garage", failures: 5, lastLines }),
    crashed(now, { name: "rig_in_the_cellar", failures: 5, lastLines }),
    running(0, {
      name: "old_cards",
      signalledAt: 0,
      terminatedAt: 5_000,
      killedAt: now,
      kills: 3,
      lookedAt: now,
      looks: 9,
      remaining: [{ pid: 4711, name: "miner" }],
    }),
  ]);
  const decision = decide(wish, seen, now);
  const picture = {
    desired: wish,
    observed: seen,
    decision,
    now,
    commandTopic: "h",
  };
  for (const text of [statusMessage(picture), problemReason(picture) ?? ""]) {
    assert(text.startsWith("old_cards does not die: pid 4711"), text);
    assert(text.length <= 255, text);
  }
});
