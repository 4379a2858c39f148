/** Recorded answers of miners, below tests/fixtures/, by family and by what was asked. */

import { FAMILIES, type Family } from "../../lib/telemetry/families.ts";

const ROOT = new URL("../fixtures/", import.meta.url);

/** One recorded case. */
export interface Recorded {
  readonly family: Family;
  readonly name: string;
  /** By what is asked: an HTTP path, or the words. */
  readonly answers: Readonly<Record<string, string>>;
  /** The expected reading; what is not told is left out. */
  readonly expected: unknown;
  readonly expectedFile: URL;
}

/** What each family asks first. */
const ASKED: Readonly<Record<Family, string>> = {
  xmrig: "/2/summary",
  cgminer: '{"command":"summary+devs+pools"}',
  teamredminer: '{"command":"summary+devs+pools+summary2"}',
  claymore: '{"id":0,"jsonrpc":"2.0","method":"miner_getstat1"}',
  ccminer: "summary",
  trex: "/summary",
  lolminer: "/summary",
  gminer: "/stat",
  nbminer: "/api/v1/status",
  srbminer: "/",
  rigel: "/stat",
  bzminer: "/status",
  miniz: '{"id":"0", "method":"getstat"}',
  wildrig: "/",
  onezerominer: "/",
  nanominer: "/stats",
  axeos: "/api/system/info",
};

/** What other files of a case are the answer to. */
const ALSO: Readonly<Record<string, string>> = {
  backends: "/2/backends",
  threads: "threads",
  pool: "pool",
};

/** All recorded cases. */
export async function recorded(): Promise<Recorded[]> {
  const cases: Recorded[] = [];
  for (const family of FAMILIES) {
    const folder = new URL(`${family}/`, ROOT);
    const names = await Array.fromAsync(
      Deno.readDir(folder),
      ({ name }) => name,
    );
    for (const name of new Set(names.map((file) => file.split(".")[0] ?? ""))) {
      const files = names.filter((file) => file.startsWith(`${name}.`));
      cases.push(await recordedCase({ family, name, files, folder }));
    }
  }
  return cases;
}

interface Files {
  readonly family: Family;
  readonly name: string;
  readonly files: readonly string[];
  readonly folder: URL;
}

async function recordedCase(
  { family, name, files, folder }: Files,
): Promise<Recorded> {
  const expectedFile = new URL(`${name}.expected.json`, folder);
  const answers: Record<string, string> = {};
  for (const file of files) {
    if (file.endsWith(".expected.json")) continue;
    const asked = ALSO[file.split(".")[1] ?? ""] ?? ASKED[family];
    answers[asked] = await Deno.readTextFile(new URL(file, folder));
  }
  return {
    family,
    name,
    answers,
    expected: JSON.parse(await Deno.readTextFile(expectedFile)),
    expectedFile,
  };
}

/** What was asked, as the keys of `answers` have it. */
export function askedIn(request: string): string {
  return request.match(/^GET (\S+) HTTP\/1\.1\r\n/)?.[1] ?? request.trim();
}
