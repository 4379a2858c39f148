import { assertEquals } from "@std/assert";
import { minerProgram, optionIn } from "../../lib/core/miner_program.ts";
import { watchdogAdvice } from "../../lib/core/own_watchdog.ts";

Deno.test("watchdogAdvice() names the flag to add or to remove", () => {
  const table: [string, string[], string | undefined][] = [
    ["xmrig", ["--http-port", "1"], undefined],
    ["xmrig", ["-B"], "Remove -B from args"],
    [
      "/opt/xmrig-6.21/XMRig.exe",
      ["--background"],
      "Remove --background from args",
    ],
    ["xmrigDaemon", [], "Set exec to xmrigMiner"],
    ["nice", ["-n", "10", "xmrig", "-B"], "Remove -B from args"],
    ["cpuminer-avx2", ["-B"], "Remove -B from args"],
    ["t-rex", [], "Add --no-watchdog to args"],
    ["t-rex", ["--no-watchdog"], undefined],
    ["miner.exe", [], "Add --watchdog 0 to args"],
    ["miner", ["--watchdog", "0"], undefined],
    ["gminer", ["--watchdog=1"], "Add --watchdog 0 to args"],
    ["nbminer", [], "Add --no-watchdog to args"],
    ["rigel", [], "Add --no-watchdog to args"],
    ["bzminer", [], "Add --no_watchdog to args"],
    ["SRBMiner-MULTI", [], "Add --disable-worker-watchdog to args"],
    ["SRBMiner-MULTI.exe", ["--disable-worker-watchdog"], undefined],
    ["lolMiner", [], "Add --watchdog exit to args"],
    ["lolMiner", ["--watchdog", "off"], undefined],
    ["lolMiner", ["--watchdog", "script"], "Set --watchdog exit in args"],
    ["lolMiner", ["--disablewatchdog", "1"], undefined],
    ["PhoenixMiner.exe", [], "Add -rmode 0 to args"],
    ["PhoenixMiner", ["-rmode", "0", "-wdog", "1"], undefined],
    ["teamredminer", ["--watchdog_script"], "Remove --watchdog_script"],
    ["teamredminer", [], undefined],
    ["nanominer", [], "Set Watchdog=false in nanominer's config.ini"],
    ["screen", ["-dm", "xmrig"], "Start the miner itself in place of screen"],
    ["/usr/bin/tmux", [], "Start the miner itself in place of tmux"],
    ["docker", ["run", "miner"], "Start the miner itself in place of docker"],
    [
      "systemd-run",
      ["--scope", "xmrig"],
      "Start the miner itself in place of systemd-run",
    ],
    ["sudo", ["-n", "xmrig"], "Start the miner itself in place of sudo, with"],
    ["/bin/su", ["-c", "xmrig"], "Start the miner itself in place of su, with"],
    ["cgminer", [], undefined],
    ["my-own-miner", ["-B"], undefined],
  ];
  for (const [exec, args, expected] of table) {
    const advice = watchdogAdvice(exec, args);
    const label = `${exec} ${args.join(" ")}: ${advice}`;
    assertEquals(advice?.slice(0, expected?.length ?? 0), expected, label);
    // One sentence.
    assertEquals(
      advice?.endsWith("."),
      advice === undefined ? undefined : false,
    );
  }
});

Deno.test("minerProgram() goes by the file's name: any folder, case and ending", () => {
  const table: [string, string | undefined][] = [
    ["XMRIG", "xmrig"],
    ["C:\\mining\\T-Rex\\t-rex.EXE", "trex"],
    ["./cpuminer-sse2", "cpuminer"],
    ["bfgminer", "cgminer"],
    ["TT-Miner", "ethminer"],
    ["CryptoDredge", "ccminer"],
    ["miner", "gminer"],
    ["miner2", undefined],
    ["/xmrig/start.sh", undefined],
    ["", undefined],
  ];
  for (const [exec, expected] of table) {
    assertEquals(minerProgram(exec, [])?.program, expected, exec);
  }
});

Deno.test("minerProgram() looks behind wrappers, and hands out the miner's own arguments", () => {
  assertEquals(
    minerProgram("nice", ["-n", "19", "/opt/t-rex", "-a", "kawpow"]),
    {
      program: "trex",
      args: ["-a", "kawpow"],
    },
  );
  assertEquals(minerProgram("env", ["A=1", "-u", "B"]), undefined);
  assertEquals(minerProgram("bash", ["xmrig"]), undefined);
});

Deno.test("optionIn() takes both forms, the last one, and negative numbers", () => {
  assertEquals(optionIn(["--port", "1", "--port=2"], ["--port"]), "2");
  assertEquals(optionIn(["-mport", "-3333"], ["-mport"]), "-3333");
  assertEquals(optionIn(["--api-listen", "--algo", "x"], ["--api-listen"]), "");
  assertEquals(optionIn(["--port"], ["--port"]), "");
  assertEquals(optionIn(["--portal", "1"], ["--port"]), undefined);
});
