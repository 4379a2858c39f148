import { startEmbeddedBroker } from "../../lib/demo/embedded_broker.ts";
import { createConnect } from "../../lib/mqtt/connect.ts";
import type { Connect } from "../../lib/mqtt/link.ts";
import { CuttableProxy } from "../cuttable_proxy.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { Mosquitto, mosquittoPath } from "../mosquitto.ts";
import { settingsFor } from "../mqtt_tools.ts";
import {
  type ContractBroker,
  linkContract,
  WILL_TOPIC,
} from "./link_contract.ts";

function fake(): Promise<ContractBroker> {
  const broker = new FakeBroker();
  return Promise.resolve({
    connect: (clientId) => {
      const will = { topic: WILL_TOPIC, payload: "offline", retain: true };
      return broker.connect({ clientId, will, sessionMs: 600_000 });
    },
    cut: (clientId) => broker.cut(clientId),
    kill: () => Promise.resolve(broker.kill()),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** Real connections, each client's through a stretch of network of its own. */
class RealBroker implements ContractBroker {
  readonly kill: () => Promise<void>;
  readonly #port: number;
  readonly #protocol: "5" | "3.1.1";
  readonly #proxies = new Map<string, CuttableProxy>();

  constructor(
    spec: { port: number; protocol: "5" | "3.1.1"; kill: () => Promise<void> },
  ) {
    this.#port = spec.port;
    this.#protocol = spec.protocol;
    this.kill = spec.kill;
  }

  connect(clientId: string): Connect {
    const proxy = this.#proxies.get(clientId) ?? new CuttableProxy(this.#port);
    this.#proxies.set(clientId, proxy);
    const settings = settingsFor(`mqtt://127.0.0.1:${proxy.port}`, {
      clientId,
      protocol: this.#protocol,
      willTopic: WILL_TOPIC,
    });
    return createConnect(settings, { log: new RecordedLog() });
  }

  cut(clientId: string): void {
    this.#proxies.get(clientId)?.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.#proxies.values()) {
      await proxy[Symbol.asyncDispose]();
    }
    await this.kill();
  }
}

async function embedded(): Promise<ContractBroker> {
  const { port, close } = await startEmbeddedBroker({ port: 0 });
  let closed: Promise<void> | undefined;
  const kill = () => closed ??= close();
  return new RealBroker({ port, kill, protocol: "3.1.1" });
}

async function mosquitto(protocol: "5" | "3.1.1"): Promise<ContractBroker> {
  const broker = await Mosquitto.start();
  let closed: Promise<void> | undefined;
  const kill = () => closed ??= broker[Symbol.asyncDispose]();
  return new RealBroker({ port: broker.port, kill, protocol });
}

linkContract({
  name: "FakeBroker",
  ignore: false,
  start: fake,
  willAtOnce: true,
});
linkContract({
  name: "embedded broker",
  ignore: false,
  start: embedded,
  willAtOnce: true,
});
for (const protocol of ["3.1.1", "5"] as const) {
  const isMissing = mosquittoPath === undefined;
  linkContract({
    name: `mosquitto, MQTT ${protocol}${isMissing ? ": none found" : ""}`,
    ignore: isMissing,
    start: () => mosquitto(protocol),
    // With MQTT 5 the will waits, so that short outages pass unseen.
    willAtOnce: protocol === "3.1.1",
  });
}
