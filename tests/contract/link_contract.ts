/** What every broker and its Link must do, the fake ones as the real ones. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { type Connect, ConnectError } from "../../lib/mqtt/link.ts";
import { CLOSED_BY_US, GIVEN_UP } from "../../lib/mqtt/reasons.ts";
import { Inbox, never, within } from "../mqtt_tools.ts";

export const WILL_TOPIC = "/rig/availability";

/** A broker under test. */
export interface ContractBroker extends AsyncDisposable {
  /** A way to connect with this client id and the will `offline`. */
  connect(clientId: string): Connect;
  /** Breaks the network between the broker and one client. */
  cut(clientId: string): void;
  /** Ends the broker without a word. */
  kill(): Promise<void>;
}

export interface ContractCase {
  readonly name: string;
  readonly ignore: boolean;
  readonly start: () => Promise<ContractBroker>;
  /** False if a lost client's will comes too late to wait for it. */
  readonly willAtOnce: boolean;
}

/** Registers the suite for one kind of broker. */
export function linkContract(kind: ContractCase): void {
  function check(
    sentence: string,
    fn: (broker: ContractBroker) => Promise<void>,
  ): void {
    Deno.test({
      name: `Link ${sentence} (${kind.name})`,
      ignore: kind.ignore,
      fn: async () => {
        await using broker = await kind.start();
        await fn(broker);
      },
    });
  }
  check("brings a message to a subscriber, and no other", brings);
  check("brings nothing more after it is unsubscribed", unsubscribes);
  check("keeps retained messages for those who come later", keeps);
  check("has read all that is kept behind a second subscription", keepsFirst);
  check("takes up its session after a cut, with what waited there", resumes);
  check("carries large and non-English payloads unchanged", carries);
  check("ends in order without its will", endsInOrder);
  if (kind.willAtOnce) {
    check("has its will sent when it is cut", sendsWill);
    check("has its will sent when it is destroyed", destroys);
  }
  check("ends with a reason when the broker dies", endsWithBroker);
  check("ends when another client takes its id", endsWhenTaken);
  check("comes not about when it is aborted before", abortsConnect);
}

async function brings(broker: ContractBroker): Promise<void> {
  const rig = await broker.connect("rig")(never());
  const other = await broker.connect("other")(never());
  const inbox = new Inbox(rig);
  assertEquals(await rig.subscribe(["/rig/heat", "/rig/+/set"]), []);
  await other.publish("/rig/heat/status", "not ours", { retain: false });
  await other.publish("rig/heat", "not ours", { retain: false });
  await other.publish("/rig/heat", "ON", { retain: false });
  await other.publish("/rig/level/set", "50", { retain: false });
  assertEquals(await inbox.next(), "/rig/heat=ON");
  assertEquals(await inbox.next(), "/rig/level/set=50");
  await rig.close();
  await other.close();
  assertEquals(await inbox.next(), undefined);
}

async function unsubscribes(broker: ContractBroker): Promise<void> {
  const rig = await broker.connect("rig")(never());
  const inbox = new Inbox(rig);
  await rig.subscribe(["/rig/+/set", "/rig/heat"]);
  await rig.unsubscribe(["/rig/+/set", "/rig/never/there"]);
  await rig.publish("/rig/level/set", "50", { retain: false });
  await rig.publish("/rig/heat", "ON", { retain: false });
  assertEquals(await inbox.next(), "/rig/heat=ON");
  await rig.close();
  await assertRejects(() => rig.unsubscribe(["a"]), Error, CLOSED_BY_US);
}

async function keeps(broker: ContractBroker): Promise<void> {
  const rig = await broker.connect("rig")(never());
  await rig.publish("/rig/status", "ON", { retain: true });
  await rig.publish("/rig/status", "OFF", { retain: true });
  await rig.publish("/rig/event", "gone", { retain: false });
  const other = await broker.connect("other")(never());
  const inbox = new Inbox(other);
  await other.subscribe(["/rig/#"]);
  assertEquals(await inbox.next(), "/rig/status=OFF (retained)");
  await rig.publish("/rig/status", "", { retain: true });
  assertStringIncludes(await inbox.next() ?? "", "/rig/status=");
  // Subscribed anew, nothing is repeated: the next message is a live one.
  await other.subscribe(["/rig/status", "/rig/mark"]);
  await rig.publish("/rig/mark", "1", { retain: false });
  assertEquals(await inbox.next(), "/rig/mark=1");
  await rig.close();
  await other.close();
}

/** What `WordFilter` relies on, to judge all that is kept at once. */
async function keepsFirst(broker: ContractBroker): Promise<void> {
  const kept = ["/rig/heat", "/rig/heat/level/set", "/rig/heat/request"];
  const thermostat = await broker.connect("thermostat")(never());
  for (const topic of kept) {
    await thermostat.publish(topic, "x", { retain: true });
  }
  for (let each = 0; each < 20; each += 1) {
    const rig = await broker.connect(`rig${each}`)(never());
    const read: string[] = [];
    const reading = (async () => {
      for await (const { topic } of rig.messages) read.push(topic);
    })();
    await rig.subscribe(kept);
    await rig.subscribe(["homeassistant/status"]);
    await rig.taken();
    assertEquals(read.sort(), kept);
    await rig.close();
    await reading;
  }
  await thermostat.close();
}

async function resumes(broker: ContractBroker): Promise<void> {
  const thermostat = await broker.connect("thermostat")(never());
  const rig = await broker.connect("rig")(never());
  assertEquals(rig.isResumed, false);
  await rig.subscribe(["/rig/heat"]);
  broker.cut("rig");
  await within(rig.closed);
  await thermostat.publish("/rig/heat", "OFF", { retain: false });
  const back = await broker.connect("rig")(never());
  assertEquals(back.isResumed, true);
  assertEquals(await new Inbox(back).next(), "/rig/heat=OFF (kept)");
  await back.close();
  await thermostat.close();
}

async function carries(broker: ContractBroker): Promise<void> {
  const rig = await broker.connect("rig")(never());
  const inbox = new Inbox(rig);
  await rig.subscribe(["a"]);
  const payload = "Käyttöönotto 火 " + "x".repeat(50_000);
  await rig.publish("a", payload, { retain: false });
  assert(await inbox.next() === `a=${payload}`);
  await rig.close();
}

async function endsInOrder(broker: ContractBroker): Promise<void> {
  const watcher = await broker.connect("watcher")(never());
  const inbox = new Inbox(watcher);
  await watcher.subscribe(["/rig/#"]);
  const rig = await broker.connect("rig")(never());
  await rig.close();
  await rig.close();
  assertEquals(await rig.closed, CLOSED_BY_US);
  assertEquals(await new Inbox(rig).next(), undefined);
  await assertRejects(
    () => rig.publish("/rig/status", "late", { retain: true }),
    Error,
    CLOSED_BY_US,
  );
  await assertRejects(() => rig.subscribe(["a"]), Error, CLOSED_BY_US);
  await watcher.publish("/rig/mark", "1", { retain: false });
  assertEquals(await inbox.next(), "/rig/mark=1");
  await watcher.close();
}

async function sendsWill(broker: ContractBroker): Promise<void> {
  const watcher = await broker.connect("watcher")(never());
  const inbox = new Inbox(watcher);
  await watcher.subscribe([WILL_TOPIC]);
  const rig = await broker.connect("rig")(never());
  broker.cut("rig");
  assert(await within(rig.closed) !== CLOSED_BY_US);
  assertStringIncludes(await inbox.next() ?? "", `${WILL_TOPIC}=offline`);
  const later = await broker.connect("later")(never());
  const laterInbox = new Inbox(later);
  await later.subscribe([WILL_TOPIC]);
  assertEquals(await laterInbox.next(), `${WILL_TOPIC}=offline (retained)`);
  await later.close();
  await watcher.close();
}

async function destroys(broker: ContractBroker): Promise<void> {
  const watcher = await broker.connect("watcher")(never());
  const inbox = new Inbox(watcher);
  await watcher.subscribe([WILL_TOPIC]);
  const rig = await broker.connect("rig")(never());
  rig.destroy();
  rig.destroy();
  await rig.close();
  assertEquals(await within(rig.closed), GIVEN_UP);
  assertEquals(await within(inbox.next()), `${WILL_TOPIC}=offline`);
  await watcher.close();
}

async function endsWithBroker(broker: ContractBroker): Promise<void> {
  const rig = await broker.connect("rig")(never());
  const inbox = new Inbox(rig);
  await rig.subscribe(["a"]);
  await broker.kill();
  const reason = await within(rig.closed);
  assert(reason !== CLOSED_BY_US && reason !== "");
  assertEquals(await inbox.next(), undefined);
  const published = rig.publish("a", "b", { retain: false });
  await assertRejects(() => published, Error, reason);
  await assertRejects(() => broker.connect("rig")(never()), ConnectError);
  await rig.close();
  assertEquals(await rig.closed, reason);
}

async function endsWhenTaken(broker: ContractBroker): Promise<void> {
  const first = await broker.connect("rig")(never());
  const second = await broker.connect("rig")(never());
  await within(first.closed);
  await second.publish("a", "b", { retain: false });
  await second.close();
}

async function abortsConnect(broker: ContractBroker): Promise<void> {
  const signal = AbortSignal.abort();
  await assertRejects(() => broker.connect("rig")(signal), ConnectError);
}
