import { assertEquals } from "@std/assert";
import { RigView } from "../../lib/demo/rig_view.ts";
import { topicsBelow } from "../fakes/topics.ts";

const TOPICS = topicsBelow("heat");

function view(): RigView {
  return new RigView({ topics: TOPICS, commands: ["cpu"] });
}

Deno.test("RigView.numbers tells rate, shares and watts in a line", () => {
  const rig = view();
  assertEquals(rig.numbers, undefined);
  rig.take(TOPICS.hashrate, "2.75");
  assertEquals(rig.numbers, undefined);
  rig.take(TOPICS.accepted, "7");
  assertEquals(rig.numbers, "2.75 kH/s, 7 shares");
  rig.take(TOPICS.telemetry, `{"power_w":117.6}`);
  assertEquals(rig.numbers, "2.75 kH/s, 7 shares, 118 W");
});

Deno.test("RigView.numbers tells nothing of what is stopped, unknown or no number", () => {
  const rig = view();
  rig.take(TOPICS.accepted, "7");
  for (const rate of ["0", "null", "", "\u001b[2J"]) {
    rig.take(TOPICS.hashrate, rate);
    assertEquals(rig.numbers, undefined);
  }
  rig.take(TOPICS.hashrate, "5");
  for (const telemetry of ["{", "null", `{"power_w":null}`, "5"]) {
    rig.take(TOPICS.telemetry, telemetry);
    assertEquals(rig.numbers, "5 kH/s, 7 shares");
  }
});
