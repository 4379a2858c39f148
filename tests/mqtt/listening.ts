/** A MqttService between a broker in memory and an InputBuffer. */

import { Doorbell } from "../../lib/doorbell.ts";
import { InputBuffer } from "../../lib/input_buffer.ts";
import type { Link } from "../../lib/mqtt/link.ts";
import {
  MqttService,
  type MqttServiceOptions,
} from "../../lib/mqtt/mqtt_service.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock, settle } from "../fakes/fake_clock.ts";
import { topicsBelow } from "../fakes/topics.ts";

/** All topics of the rig in these tests. */
export const TOPICS = topicsBelow("/h");

/** What a test sees of it; disposing of it stops the service. */
export interface Listening extends AsyncDisposable {
  readonly broker: FakeBroker;
  readonly clock: FakeClock;
  readonly input: InputBuffer;
  /** The connections that can be spoken on, as they came and went. */
  readonly links: readonly (Link | undefined)[];
  say(payload: string, retain?: boolean): Promise<void>;
}

/** A service that listens to a broker in memory, until `stop()`. */
export async function listening(
  some: Partial<MqttServiceOptions> & { readonly clock?: FakeClock } = {},
  broker = new FakeBroker(),
): Promise<Listening> {
  const { clock = new FakeClock({ now: 1_000 }) } = some;
  // An earlier run of the rig has left it there, so that the broker's marks are known.
  broker.publish(TOPICS.availability, "offline", { retain: true });
  const input = new InputBuffer({ clock, doorbell: new Doorbell() });
  const stop = new AbortController();
  const links: (Link | undefined)[] = [];
  const service = new MqttService({
    onFailure: (error) => {
      throw error;
    },
    async *links(signal) {
      while (!signal.aborted) yield await broker.connect()(signal);
    },
    rival: () => undefined,
    input,
    clock,
    topics: TOPICS,
    retainedCommands: "off-only",
    allowShutdown: false,
    onLink: (link) => links.push(link),
    ...some,
  });
  const running = service.run(stop.signal);
  await settle();
  return {
    broker,
    clock,
    input,
    links,
    async say(payload: string, retain = false) {
      broker.publish(TOPICS.command, payload, { retain });
      await settle();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await settle();
      await links.at(-1)?.close();
      await running;
    },
  };
}
