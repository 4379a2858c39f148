import { assertEquals } from "@std/assert";
import { FAMILIES } from "../../lib/telemetry/families.ts";
import { familyNamed, recognise } from "../../lib/telemetry/recognise.ts";

const HERE = "127.0.0.1";

Deno.test("recognise() finds family, host and port in what is configured", () => {
  const table: [
    string,
    string,
    [string, string, number | undefined] | undefined,
  ][] = [
    ["xmrig", "--http-port 18088", ["xmrig", HERE, 18088]],
    ["C:\\x\\XMRig.exe", "--http-port=18088", ["xmrig", HERE, 18088]],
    ["xmrig", "-o pool:3333", ["xmrig", HERE, undefined]],
    ["xmrig", "--http-port 0", ["xmrig", HERE, undefined]],
    ["xmrig", "--http-port 99999", ["xmrig", HERE, undefined]],
    ["wildrig-multi", "--api-port 4000", ["wildrig", HERE, 4000]],
    ["cgminer", "--api-listen", ["cgminer", HERE, 4028]],
    ["cgminer", "--api-listen --api-port 4000", ["cgminer", HERE, 4000]],
    ["cgminer", "--api-port 4000", ["cgminer", HERE, undefined]],
    ["teamredminer", "--api_listen", ["teamredminer", HERE, 4028]],
    ["teamredminer", "--api_listen=0.0.0.0:4029", ["teamredminer", HERE, 4029]],
    ["teamredminer", "-a kawpow", ["teamredminer", HERE, undefined]],
    ["PhoenixMiner", "", ["claymore", HERE, 3333]],
    ["PhoenixMiner", "-cdmport 3400", ["claymore", HERE, 3400]],
    ["PhoenixMiner", "-cdm 0", ["claymore", HERE, undefined]],
    ["EthDcrMiner64", "-mport -3335", ["claymore", HERE, 3335]],
    ["EthDcrMiner64", "-mport 0", ["claymore", HERE, undefined]],
    ["ethminer", "--api-bind 192.0.2.7:-3336", ["claymore", "192.0.2.7", 3336]],
    ["ethminer", "", ["claymore", HERE, undefined]],
    ["TT-Miner", "-b 127.0.0.1:3337", ["claymore", HERE, 3337]],
    ["ccminer", "", ["ccminer", HERE, 4068]],
    ["ccminer", "-b 4069", ["ccminer", HERE, 4069]],
    ["ccminer", "--api-bind=0", ["ccminer", HERE, undefined]],
    ["cpuminer-avx2", "", ["ccminer", HERE, undefined]],
    ["cpuminer-avx2", "-b 127.0.0.1", ["ccminer", HERE, 4048]],
    ["cpuminer-avx2", "-b 127.0.0.1:4050", ["ccminer", HERE, 4050]],
    ["t-rex", "", ["trex", HERE, 4067]],
    ["t-rex", "--api-bind-http 127.0.0.1:4000", ["trex", HERE, 4000]],
    ["t-rex", "--api-bind-http 0", ["trex", HERE, undefined]],
    ["lolMiner", "--apiport 8080", ["lolminer", HERE, 8080]],
    ["lolMiner", "", ["lolminer", HERE, undefined]],
    ["miner", "--api 127.0.0.1:10050", ["gminer", HERE, 10050]],
    ["nbminer", "--api [::1]:22333", ["nbminer", "::1", 22333]],
    ["SRBMiner-MULTI", "--api-enable", ["srbminer", HERE, 21550]],
    ["SRBMiner-MULTI", "--api-enable --api-port 5", ["srbminer", HERE, 5]],
    ["SRBMiner-MULTI", "--api-port 5", ["srbminer", HERE, undefined]],
    ["rigel", "--api-bind 127.0.0.1:5000", ["rigel", HERE, 5000]],
    ["bzminer", "", ["bzminer", HERE, 4014]],
    ["bzminer", "--http_port 4015", ["bzminer", HERE, 4015]],
    ["bzminer", "--http_enabled 0", ["bzminer", HERE, undefined]],
    ["miniZ", "--telemetry=0.0.0.0:20001", ["miniz", HERE, 20001]],
    ["miniZ", "--telemetry", ["miniz", HERE, 20000]],
    ["onezerominer", "", ["onezerominer", HERE, 3001]],
    ["onezerominer", "--api-disable", ["onezerominer", HERE, undefined]],
    ["nanominer", "-webPort 9090", ["nanominer", HERE, 9090]],
    ["nice", "-n 10 xmrig --http-port 18088", ["xmrig", HERE, 18088]],
    ["my-own-miner", "--http-port 18088", undefined],
  ];
  for (const [exec, args, expected] of table) {
    const found = recognise(exec, args === "" ? [] : args.split(" "));
    const shown = found && [found.family, found.host, found.port];
    assertEquals(shown, expected, `${exec} ${args}`);
  }
});

Deno.test("familyNamed() takes families and the miners of one", () => {
  for (const family of FAMILIES) assertEquals(familyNamed(family), family);
  const table: [string, string | undefined][] = [
    ["XMRig", "xmrig"],
    ["PhoenixMiner", "claymore"],
    ["cpuminer-opt", "ccminer"],
    ["sgminer", "cgminer"],
    ["t-rex", "trex"],
    ["stdout", undefined],
    ["auto", undefined],
  ];
  for (const [api, expected] of table) assertEquals(familyNamed(api), expected);
});
