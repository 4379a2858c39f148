import { assertEquals, assertMatch } from "@std/assert";
import { systemClock } from "../../../lib/clock.ts";
import { findNvidiaSmi } from "../../../lib/telemetry/sensors/find_nvidia_smi.ts";
import {
  NvidiaSmi,
  parseCards,
} from "../../../lib/telemetry/sensors/nvidia_smi.ts";
import {
  type HelperResult,
  runHelper,
} from "../../../lib/telemetry/sensors/run_helper.ts";
import { FakeClock } from "../../fakes/fake_clock.ts";
import { until } from "../../stand_in/stand_in.ts";

const TWO =
  "0, NVIDIA GeForce RTX 3070, 61, 118.20\n1, Tesla, K80, 58, 131.00\n";

/** One that is answered by these results, one after the other. */
function asked(
  ...results: HelperResult[]
): { nvidia: NvidiaSmi; runs: () => number } {
  let runs = 0;
  const nvidia = new NvidiaSmi({
    clock: new FakeClock(),
    find: () => Promise.resolve("/usr/bin/nvidia-smi"),
    run: () => {
      const result = results[runs];
      runs += 1;
      return result === undefined
        ? Promise.reject(new Error("Asked too often"))
        : Promise.resolve(result);
    },
  });
  return { nvidia, runs: () => runs };
}

function ended(output: string, code = 0): HelperResult {
  return { kind: "ended", code, output };
}

Deno.test("NvidiaSmi reads each card, and adds up their power", async () => {
  const { nvidia } = asked(ended(TWO.replaceAll("\n", "\r\n")));
  assertEquals(await nvidia.read(), {
    temperatures: [
      { device: "gpu0 NVIDIA GeForce RTX 3070", celsius: 61 },
      { device: "gpu1 Tesla, K80", celsius: 58 },
    ],
    powerW: 249.2,
    faults: [],
  });
});

Deno.test("parseCards() takes what a card does not tell as unknown", () => {
  for (
    const word of [
      "[N/A]",
      "[Not Supported]",
      "ERR!",
      "[Unknown Error]",
      "",
      "N/A",
      "-300",
      "1e9",
      "0x3d",
    ]
  ) {
    const { cards, others } = parseCards(`0, GTX, ${word}, ${word}`);
    assertEquals(cards, [{
      device: "gpu0 GTX",
      celsius: undefined,
      watts: undefined,
    }], word);
    assertEquals(others, []);
  }
  assertEquals(parseCards("0, GTX, 0, 2000").cards[0]?.celsius, undefined);
  assertEquals(parseCards("0, GTX, 0, 0.00").cards[0]?.watts, 0);
  for (
    const line of ["No devices were found", "x, GTX, 1, 2", "0, 61, 118", "0"]
  ) {
    assertEquals(parseCards(line), { cards: [], others: [line] });
  }
});

Deno.test("NvidiaSmi gives no sum if one card does not tell its power", async () => {
  const { nvidia } = asked(ended(TWO.replace("118.20", "[N/A]")));
  assertEquals((await nvidia.read()).powerW, undefined);
});

Deno.test("NvidiaSmi is silent without the tool, and calls its going a fault once there were cards", async () => {
  const none = new NvidiaSmi({
    clock: new FakeClock(),
    find: () => Promise.resolve(undefined),
    run: () => Promise.reject(new Error("There is nothing to run")),
  });
  assertEquals(await none.read(), {
    temperatures: [],
    powerW: undefined,
    faults: [],
  });
  const { nvidia } = asked({ kind: "missing" }, ended(TWO), {
    kind: "missing",
  });
  assertEquals((await nvidia.read()).faults, []);
  assertEquals((await nvidia.read()).temperatures.length, 2);
  assertEquals((await nvidia.read()).faults, ["nvidia-smi is there no longer"]);
});

Deno.test("NvidiaSmi tells a machine without a card from a card that was lost", async () => {
  const failed = ended(
    "NVIDIA-SMI has failed because it could not communicate\n",
    9,
  );
  const without = await asked(failed).nvidia.read();
  assertEquals(without.faults, []);
  assertMatch(without.unusable ?? "", /code 9 and said "NVIDIA-SMI has failed/);
  const { nvidia } = asked(
    ended(TWO),
    ended(
      "0, NVIDIA GeForce RTX 3070, 61, 118.20\nUnable to determine the device handle\n",
      15,
    ),
    failed,
    ended("", 1),
  );
  await nvidia.read();
  const lost = await nvidia.read();
  assertEquals(lost.temperatures.length, 1);
  assertEquals(lost.powerW, undefined);
  assertMatch(lost.faults[0] ?? "", /code 15 and said "Unable to determine/);
  assertEquals((await nvidia.read()).temperatures, []);
  assertEquals((await nvidia.read()).faults, [
    "nvidia-smi ended with code 1 and said nothing",
  ]);
});

Deno.test("NvidiaSmi asks no second question while a killed one hangs in the driver", async () => {
  const gone = Promise.withResolvers<void>();
  const { nvidia, runs } = asked(ended(TWO), {
    kind: "hung",
    gone: gone.promise,
  }, ended(TWO));
  await nvidia.read();
  assertEquals((await nvidia.read()).faults, [
    "nvidia-smi did not answer within 10 s",
  ]);
  assertMatch((await nvidia.read()).faults[0] ?? "", /the driver hangs/);
  assertEquals(runs(), 2);
  gone.resolve();
  await gone.promise;
  await Promise.resolve();
  assertEquals((await nvidia.read()).temperatures.length, 2);
});

Deno.test("NvidiaSmi says which permission it lacks", async () => {
  const { unusable } = await asked({ kind: "refused" }).nvidia.read();
  assertMatch(unusable ?? "", /--allow-run/);
});

Deno.test("findNvidiaSmi() looks in PATH, then where the driver puts it, and never where we stand", async () => {
  const looked: string[] = [];
  const place = (
    os: "unix" | "windows",
    path: string | undefined,
    there: string,
  ) => {
    looked.length = 0;
    return findNvidiaSmi({
      os,
      path,
      systemRoot: "D:\\Win",
      isFile: (file) =>
        Promise.resolve(looked.push(file) > 0 && file === there),
    });
  };
  assertEquals(
    await place("unix", "bin:.::/opt/a/:/opt/b", "/opt/b/nvidia-smi"),
    "/opt/b/nvidia-smi",
  );
  assertEquals(looked, ["/opt/a/nvidia-smi", "/opt/b/nvidia-smi"]);
  assertEquals(
    await place("unix", undefined, "/usr/lib/wsl/lib/nvidia-smi"),
    "/usr/lib/wsl/lib/nvidia-smi",
  );
  const old = "C:\\Program Files\\NVIDIA Corporation\\NVSMI\\nvidia-smi.exe";
  assertEquals(await place("windows", `x;"C:\\A B\\";.\\y`, old), old);
  assertEquals(looked.slice(0, 2), [
    "C:\\A B\\nvidia-smi.exe",
    "D:\\Win\\System32\\nvidia-smi.exe",
  ]);
  assertEquals(await place("unix", "/a", "nowhere"), undefined);
});

/** A program named nvidia-smi that does this; on Unix. */
function program(script: string): { path: string } & Disposable {
  const dir = Deno.makeTempDirSync({ prefix: "sensors_" });
  const path = `${dir}/nvidia-smi`;
  Deno.writeTextFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(dir, { recursive: true }),
  };
}

function real(path: string, limitMs = 10_000): NvidiaSmi {
  return new NvidiaSmi({
    clock: systemClock,
    run: runHelper,
    find: () => Promise.resolve(path),
    limitMs,
  });
}

const ignore = Deno.build.os === "windows";

Deno.test({
  name:
    "runHelper() asks a real program the documented question, without our secrets",
  ignore,
  async fn() {
    Deno.env.set("KOLIKKO_MQTT_PASSWORD", "secret");
    using smi = program(
      `test "$*" = "--query-gpu=index,name,temperature.gpu,power.draw --format=csv,noheader,nounits" || exit 2
test -z "$KOLIKKO_MQTT_PASSWORD" || exit 3
echo to nobody >&2
printf '0, GTX, 61, 118.20\\n'`,
    );
    try {
      assertEquals(await real(smi.path).read(), {
        temperatures: [{ device: "gpu0 GTX", celsius: 61 }],
        powerW: 118.2,
        faults: [],
      });
    } finally {
      Deno.env.delete("KOLIKKO_MQTT_PASSWORD");
    }
    assertEquals(
      (await runHelper(`${smi.path}-not`, {
        args: [],
        limitMs: 9,
        clock: systemClock,
      })).kind,
      "missing",
    );
  },
});

Deno.test({
  name:
    "runHelper() kills what hangs, and takes no more than a little of what pours",
  ignore,
  async fn() {
    using smi = program("exec sleep 60");
    const result = await runHelper(smi.path, {
      args: [],
      limitMs: 200,
      clock: systemClock,
    });
    if (result.kind !== "hung") throw new Error(`It is ${result.kind}`);
    let isGone = false;
    void result.gone.then(() => isGone = true);
    await until("the program is gone", () => isGone);
    using pouring = program("head -c 5000000 /dev/zero");
    const much = await runHelper(pouring.path, {
      args: [],
      limitMs: 30_000,
      clock: systemClock,
    });
    if (much.kind !== "ended") throw new Error(`It is ${much.kind}`);
    assertEquals(much.code, 0);
    assertEquals(
      much.output.length < 200_000 && much.output.length > 60_000,
      true,
    );
  },
});
