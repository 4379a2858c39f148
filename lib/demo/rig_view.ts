/** The rig as its topics show it. */

import type { Topics } from "../core/topics.ts";
import type { SwitchState } from "./thermostat.ts";

/** What a home automation knows of a rig: nothing but what the topics said last. */
export class RigView {
  readonly #topics: Topics;
  readonly #commands: readonly string[];
  readonly #latest = new Map<string, string>();

  constructor(options: {
    readonly topics: Topics;
    readonly commands: readonly string[];
  }) {
    this.#topics = options.topics;
    this.#commands = options.commands;
  }

  take(topic: string, payload: string): void {
    this.#latest.set(topic, payload);
  }

  get isOnline(): boolean {
    return this.#latest.get(this.#topics.availability) === "online";
  }

  /** As Home Assistant shows an MQTT switch with an availability topic. */
  get switchState(): SwitchState {
    if (!this.isOnline) return "unavailable";
    const status = this.#latest.get(this.#topics.status);
    if (status === "ON") return "on";
    return status === "OFF" ? "off" : "unknown";
  }

  /** The commands of which something runs, whatever was said. */
  get heating(): readonly string[] {
    return this.#commands.filter((name) =>
      ["running", "stopping"].includes(this.#stateOf(name) ?? "")
    );
  }

  /** `ON`, `OFF`, or why neither is known. */
  get status(): string {
    if (!this.isOnline) return "offline";
    return this.#latest.get(this.#topics.status) ?? "?";
  }

  /** `cpu running (4711), gpu starting`: the number is the pid. */
  get states(): string {
    return this.#commands.map((name) => {
      const pid = this.#pidOf(name);
      return `${name} ${this.#stateOf(name) ?? "?"}` +
        (pid === undefined ? "" : ` (${pid})`);
    }).join(", ");
  }

  /** What the rig wants its owner to know; `OK` if nothing. */
  get message(): string {
    return this.#latest.get(this.#topics.statusmsg) ?? "OK";
  }

  /** `25102.75 kH/s, 7 shares, 1128 W`; undefined while nothing is told, or nothing runs. */
  get numbers(): string | undefined {
    const rate = this.#latest.get(this.#topics.hashrate);
    const shares = this.#latest.get(this.#topics.accepted);
    if (!isNumber(rate) || !isNumber(shares) || rate === "0") return undefined;
    const watts = numberIn(this.#latest.get(this.#topics.telemetry), "power_w");
    return `${rate} kH/s, ${shares} shares` +
      (watts === undefined ? "" : `, ${Math.round(watts)} W`);
  }

  #stateOf(name: string): string | undefined {
    return this.#latest.get(`${this.#topics.commandBase}/${name}/state`);
  }

  #pidOf(name: string): number | undefined {
    const text = this.#latest.get(`${this.#topics.commandBase}/${name}`);
    return numberIn(text, "pid");
  }
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text);
}

/** A number that stands in JSON. */
function numberIn(text: string | undefined, key: string): number | undefined {
  const known: unknown = text === undefined ? {} : parsed(text);
  if (typeof known !== "object" || known === null) return undefined;
  const value: unknown = Reflect.get(known, key);
  return typeof value === "number" ? value : undefined;
}

/** Anybody may publish anything there. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
