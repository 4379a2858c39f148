/** What the operating system lets the controller have: enough descriptors, and no core file. Linux alone. */

import { type Libc, openLibc } from "./libc.ts";

const RLIMIT_CORE = 4;
const RLIMIT_NOFILE = 7;

/**
 * So many descriptors are enough for any rig. Not all that a hard limit of a
 * thousand million allows: programs that close each possible descriptor when
 * they start, as some do, inherit it.
 */
const DESCRIPTORS_ENOUGH = 65_536n;

/**
 * Raises the soft limit of open descriptors, as Deno does for itself but not
 * for a compiled program; and forbids core files, in which the broker's
 * password would stand. What is started inherits both. Returns what could not
 * be done, in words. Never throws.
 */
export function limitResources(): string[] {
  if (Deno.build.os !== "linux") return [];
  const opened = openLibc();
  if (opened.kind === "refused") {
    return [`A core file may hold the broker's password: ${opened.reason}`];
  }
  const { libc } = opened;
  const missing: string[] = [];
  const refusal = "the system refuses to limit them";
  if (!set(libc, RLIMIT_CORE, { soft: 0n, hard: 0n })) {
    missing.push(`A core file may hold the broker's password: ${refusal}`);
  }
  const { soft, hard } = get(libc, RLIMIT_NOFILE);
  const wanted = hard < DESCRIPTORS_ENOUGH ? hard : DESCRIPTORS_ENOUGH;
  if (soft < wanted && !set(libc, RLIMIT_NOFILE, { soft: wanted, hard })) {
    missing.push(
      `No more than ${soft} files may be open: the system refuses ${wanted}`,
    );
  }
  return missing;
}

/** As the kernel has them: the largest number stands for "no limit". */
interface Limits {
  readonly soft: bigint;
  readonly hard: bigint;
}

function get(libc: Libc, resource: number): Limits {
  const limits = new BigUint64Array(2);
  libc.getrlimit(resource, new Uint8Array(limits.buffer));
  const [soft = 0n, hard = 0n] = limits;
  return { soft, hard };
}

/** False if the kernel refuses it. */
function set(libc: Libc, resource: number, { soft, hard }: Limits): boolean {
  const limits = BigUint64Array.of(soft, hard);
  return libc.setrlimit(resource, new Uint8Array(limits.buffer)) === 0;
}
