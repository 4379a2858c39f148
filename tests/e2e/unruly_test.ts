/** Miners that misbehave, on a real broker, beside one that behaves. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Mosquitto, mosquittoTest } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { marked, Rig, standIn } from "./rig.ts";

const BASE = "/kolikko1/heat";
const QUICK = ['stop_timeout = "2s"'];
const GOOD = standIn("good", ["--print-every", "200ms", "--on-signal", "0"]);

/** Runs one unruly command beside a good one, from ON to the proof of OFF; returns how long OFF took. */
async function onThenOff(
  unruly: string,
  during: (home: Home, rig: Rig) => Promise<void>,
): Promise<number> {
  await using broker = await Mosquitto.start();
  await using home = await Home.join(broker.port);
  await using rig = await Rig.start({
    port: broker.port,
    commands: [unruly, GOOD],
    log: ['dir = "logs"'],
  });
  await home.until(`${BASE}/availability`, "online");
  await home.say(BASE, "ON");
  await home.until(`${BASE}/status`, "ON");
  await home.until(`${BASE}/command/good/state`, "running");
  await during(home, rig);
  assertEquals(home.latest(`${BASE}/command/good/state`), "running");
  const since = performance.now();
  await home.say(BASE, "OFF");
  await home.until(`${BASE}/status`, "OFF");
  const tookMs = performance.now() - since;
  assertEquals(await marked(rig), [], "something of it lives after OFF");
  return tookMs;
}

mosquittoTest(
  "kolikko run kills a miner that ignores SIGINT and SIGTERM, and says meanwhile what lives",
  async () => {
    const deaf = standIn(
      "bad",
      ["--ignore", "SIGINT,SIGTERM", "--ready"],
      QUICK,
    );
    let said = "";
    const tookMs = await onThenOff(deaf, async (home, rig) => {
      await untilFile(`${rig.dir}/logs/bad.log`, "ready");
      void home.until(
        `${BASE}/statusmsg`,
        (text) => text.startsWith("Stopping"),
      )
        .then((text) => said = text);
    });
    assert(tookMs >= 2_000, `killed too early: ${tookMs}`);
    assertStringIncludes(said, "Stopping bad: pid");
  },
);

mosquittoTest(
  "kolikko run stops a miner with children, helpers that fled, and a worker that comes back",
  async () => {
    const tree = standIn(
      "bad",
      ["--fork", "3", "--escape", "--respawn", "100ms", "--ignore", "SIGINT"],
      QUICK,
    );
    await onThenOff(tree, async (_home, rig) => {
      await untilMarked(rig, 7);
    });
  },
);

mosquittoTest(
  "kolikko run is not held up by a miner that prints a gigabyte without a newline, or binary, or lines",
  async () => {
    for (const kind of ["no-newline", "binary", "lines"]) {
      const bytes = kind === "no-newline" ? 1_000_000_000 : 50_000_000;
      const flood = standIn("bad", [
        ...["--flood", kind, "--bytes", String(bytes)],
        ...["--exit-after", "50s", "--on-signal", "0"],
      ], QUICK);
      await onThenOff(flood, async (home, rig) => {
        const log = `${rig.dir}/logs/bad.log`;
        // Words go on being heard while it prints.
        await home.say(BASE, "nonsense");
        await home.until(
          `${BASE}/statusmsg`,
          (text) => text.includes('"nonsense"'),
        );
        await untilFile(log, kind === "no-newline" ? "" : "\n");
        let size = 0;
        for await (const { name } of Deno.readDir(`${rig.dir}/logs`)) {
          size += (await Deno.stat(`${rig.dir}/logs/${name}`)).size;
        }
        assert(size < 60 * 1024 * 1024, `the log grew to ${size}`);
      });
    }
  },
);

mosquittoTest(
  "kolikko run rests after a miner that ends at once, and keeps the other going",
  async () => {
    const short = standIn("bad", [
      "--print",
      "no GPU found",
      "--exit-after",
      "0",
    ], [
      'restart_backoff = ["300ms", "1s"]',
      "lockout_failures = 3",
    ]);
    await onThenOff(short, async (home) => {
      await home.until(`${BASE}/command/bad/state`, "restarting");
      const message = await home.until(
        `${BASE}/statusmsg`,
        (text) => text.includes("locked out until"),
      );
      assertStringIncludes(message, "bad failed 3 times in a row (exit code 0");
      assertStringIncludes(message, "no GPU found");
      await home.until(`${BASE}/command/bad/state`, "failed");
      assertStringIncludes(
        home.latest(`${BASE}/problem`) ?? "",
        '"problem":"ON"',
      );
      assertEquals(home.latest(`${BASE}/status`), "ON");
    });
  },
);

mosquittoTest(
  "kolikko run says what is wrong with a program that is not there",
  async () => {
    const missing = '[[command]]\nname = "bad"\nexec = "no-such-miner"\n';
    await onThenOff(missing, async (home) => {
      const message = await home.until(
        `${BASE}/statusmsg`,
        (text) => text.includes("no-such-miner"),
      );
      assertStringIncludes(message, "next try in");
      assertEquals(home.latest(`${BASE}/command/bad/state`), "restarting");
    });
  },
);

mosquittoTest(
  "kolikko run says OFF once the only miner has crashed for good",
  async () => {
    await using broker = await Mosquitto.start();
    await using home = await Home.join(broker.port);
    await using _rig = await Rig.start({
      port: broker.port,
      heat: ['crash_grace = "1s"'],
      commands: [
        standIn("bad", ["--exit-after", "200ms", "--code", "3"], [
          'restart_backoff = ["400ms", "10s"]',
          "lockout_failures = 3",
        ]),
      ],
    });
    await home.until(`${BASE}/status`, "OFF");
    const since = performance.now();
    await home.say(BASE, "ON");
    await home.until(`${BASE}/status`, "ON");
    await home.until(`${BASE}/command/bad/state`, "restarting");
    // Within the grace the switch does not flap.
    assertEquals(home.latest(`${BASE}/status`), "ON");
    await home.until(`${BASE}/command/bad/state`, "failed");
    await home.until(`${BASE}/status`, "OFF");
    const states = home.payloads(`${BASE}/status`, since);
    // It said ON until it was given up, and did not flap.
    assertEquals(states, ["ON", "OFF"]);
  },
);

/** Waits until a file holds this text. */
async function untilFile(path: string, text: string): Promise<void> {
  await eventually(async () => {
    try {
      return (await Deno.readTextFile(path)).includes(text);
    } catch {
      return false;
    }
  }, `"${text}" in ${path}`);
}

async function untilMarked(rig: Rig, count: number): Promise<void> {
  await eventually(
    async () => (await marked(rig)).length >= count,
    `${count} processes`,
  );
}

async function eventually(
  isSo: () => Promise<boolean>,
  what: string,
): Promise<void> {
  const end = performance.now() + 15_000;
  while (!await isSo()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
