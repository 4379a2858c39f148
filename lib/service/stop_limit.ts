/** How long systemd lets a service end before it kills it. */

import type { Clock } from "../clock.ts";

const ANSWER_MS_MAX = 3_000;

const UNITS_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  month: 2_629_800_000,
  y: 31_557_600_000,
};

/** The unit of a service, and whether the user's own systemd runs it. */
export interface ServiceUnit {
  readonly name: string;
  readonly ofUser: boolean;
}

/** Reads the text of `/proc/self/cgroup`; undefined for what is no service. */
export function serviceUnit(cgroup: string): ServiceUnit | undefined {
  const line = cgroup.split("\n").find((it) =>
    /^(0:|1:name=systemd):/.test(it)
  );
  const parts = line?.split("/") ?? [];
  const at = parts.findLastIndex((part) => part.endsWith(".service"));
  const name = parts[at];
  // Of a user's whole session nobody is the one to stop.
  if (name === undefined || /^user@\d+\.service$/.test(name)) return undefined;
  const ofUser = parts.slice(0, at).some((part) => part.startsWith("user@"));
  return { name, ofUser };
}

/** Reads a span as systemctl writes it: `1min 30s`, `infinity`. */
export function parseSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "infinity") return Infinity;
  if (!/^\d+[a-z]+( \d+[a-z]+)*$/.test(trimmed)) return undefined;
  let ms = 0;
  for (const [, count, unit = ""] of trimmed.matchAll(/(\d+)([a-z]+)/g)) {
    const factor = UNITS_MS[unit];
    if (factor === undefined) return undefined;
    ms += Number(count) * factor;
  }
  return ms;
}

/** TimeoutStopSec of the service that we are; undefined if we are none, or it cannot be told. Never rejects. */
export async function askStopLimit(clock: Clock): Promise<number | undefined> {
  try {
    const cgroup = await Deno.readTextFile("/proc/self/cgroup");
    const unit = serviceUnit(cgroup);
    return unit && parseSpan(await ask(unit, clock));
  } catch {
    // No systemctl, no rights, no /proc: then it is not known.
    return undefined;
  }
}

async function ask(unit: ServiceUnit, clock: Clock): Promise<string> {
  const done = new AbortController();
  const late = new AbortController();
  void clock.sleep(ANSWER_MS_MAX, done.signal).then(() => late.abort());
  const { stdout } = await new Deno.Command("systemctl", {
    args: [
      ...unit.ofUser ? ["--user"] : [],
      ...["show", "--property=TimeoutStopUSec", "--value", "--", unit.name],
    ],
    stdin: "null",
    stderr: "null",
    signal: late.signal,
  }).output().finally(() => done.abort());
  return new TextDecoder().decode(stdout);
}
