import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  parseStat,
  type ProcessEntry,
} from "../../lib/process/process_table.ts";
import { orphansOf } from "../../lib/process/tree.ts";

const ignore = Deno.build.os !== "linux";

/** Runs what follows as the first process of a namespace; not everybody may. */
const AS_FIRST = ["unshare", "--pid", "--fork", "--mount-proc"];

function canBeFirst(): boolean {
  if (ignore) return false;
  const [exec = "", ...args] = [...AS_FIRST, "true"];
  try {
    return new Deno.Command(exec, { args, stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

async function report(
  how: string,
): Promise<
  {
    found: { pid: number; name: string }[];
    error: string;
    reaped: boolean;
    code: number;
  }
> {
  // Which of its children are its own is known to a process of its own alone.
  const script = new URL("./family_script.ts", import.meta.url).pathname;
  const inside = how === "first" ? AS_FIRST : [];
  const [exec = "", ...args] = [...inside, Deno.execPath(), "run", "-A"];
  const { code, stdout, stderr } = await new Deno.Command(exec, {
    args: [...args, "--cached-only", script, how],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test({
  name:
    "OwnFamily finds who cleared its environment and fled, without any cgroup, and reaps what ended",
  ignore,
  async fn() {
    const { found, reaped, code } = await report("ours");
    assertEquals(found.map(({ name }) => name).toSorted(), ["sh", "sleep"]);
    assertEquals(reaped, true);
    // Deno was told of the end of its own child all the same.
    assertEquals(code, 7);
  },
});

Deno.test({
  name:
    "OwnFamily shows that somebody lives where /proc hides whose process it is",
  ignore,
  async fn() {
    const { found, error } = await report("hiding");
    assertEquals(error, "");
    assertEquals(found.map(({ name }) => name), ["?"]);
    for (const { pid } of found) Deno.kill(-pid, "SIGKILL");
  },
});

Deno.test({
  name:
    "LinuxProcess does not say OFF where /proc hides processes and nothing else can tell",
  ignore,
  async fn() {
    const { found, error } = await report("hiding-alone");
    assertEquals(found, []);
    assertStringIncludes(error, "Cannot tell whether");
    assertStringIncludes(error, "processes are hidden");
  },
});

Deno.test({
  name: "OwnFamily reaps all orphans as the first process of a container",
  ignore: !canBeFirst(),
  async fn() {
    const { error } = await report("first");
    assertEquals(error, "1");
  },
});

const CONTROLLER = 100;
const LEADER = 200;
const OTHER = 300;

/** `pid`, parent, group and session. */
function child(
  numbers: readonly [number, number, number, number],
  but: Partial<ProcessEntry> = {},
): ProcessEntry {
  const [pid, ppid, pgid, sid] = numbers;
  const entry = parseStat(
    `${pid} (x) S ${ppid} ${pgid} ${sid} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5000 0`,
  );
  if (entry === undefined) throw new Error("Cannot parse the entry");
  return { ...entry, ...but };
}

Deno.test("orphansOf() knows whose a child of the controller is, and whose it is not", () => {
  const entries = [
    child([LEADER, CONTROLLER, LEADER, LEADER], { mark: "r/a/1" }),
    child([OTHER, CONTROLLER, OTHER, OTHER], { isBare: true }),
    child([401, CONTROLLER, 401, 401], { isBare: true }),
    child([402, CONTROLLER, 402, 402]),
    child([403, CONTROLLER, LEADER, LEADER], { isBare: true }),
    // Of another run, by its session, its group, or its mark.
    child([404, CONTROLLER, 404, OTHER], { isBare: true }),
    child([405, CONTROLLER, OTHER, 405], { isBare: true }),
    child([406, CONTROLLER, 406, 406], { mark: "r/b/1" }),
    child([407, CONTROLLER, 1, 1], { mark: "helper" }),
    child([408, 1, 408, 408], { isBare: true }),
  ];
  const leaders = new Set([LEADER, OTHER]);
  const run = { pid: LEADER, leaders, controllerPid: CONTROLLER };
  const cases = [
    ["ours", [401, 402, 403]],
    ["bare", [401, 403]],
    ["none", []],
  ] as const;
  for (const [orphans, pids] of cases) {
    const found = orphansOf({ ...run, orphans }, entries);
    assertEquals([...found], [...pids], orphans);
  }
});
