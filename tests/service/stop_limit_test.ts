import { assertEquals } from "@std/assert";
import { parseSpan, serviceUnit } from "../../lib/service/stop_limit.ts";

const units: readonly [string, string | undefined][] = [
  ["0::/system.slice/kolikko.service\n", "kolikko.service"],
  ["0::/system.slice/kolikko.service/controller\n", "kolikko.service"],
  ["0::/system.slice/system-rig.slice/rig@1.service\n", "rig@1.service"],
  [
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/kolikko.service\n",
    "kolikko.service of the user",
  ],
  ["0::/user.slice/user-1000.slice/session-3.scope\n", undefined],
  [
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope\n",
    undefined,
  ],
  [
    "12:cpu:/x.service\n1:name=systemd:/system.slice/kolikko.service\n",
    "kolikko.service",
  ],
  ["0::/\n", undefined],
  ["", undefined],
];

for (const [cgroup, wanted] of units) {
  Deno.test(`serviceUnit() reads ${JSON.stringify(cgroup)} as ${wanted}`, () => {
    const unit = serviceUnit(cgroup);
    const said = unit && unit.name + (unit.ofUser ? " of the user" : "");
    assertEquals(said, wanted);
  });
}

const spans: readonly [string, number | undefined][] = [
  ["45s\n", 45_000],
  ["1min 30s\n", 90_000],
  ["1h 2min 3s 4ms", 3_723_004],
  ["infinity\n", Infinity],
  ["", undefined],
  ["soon", undefined],
  ["3 parsecs", undefined],
  ["3parsec", undefined],
];

for (const [text, ms] of spans) {
  Deno.test(`parseSpan() reads ${JSON.stringify(text)} as ${ms} ms`, () => {
    assertEquals(parseSpan(text), ms);
  });
}
