/**
 * A stand-in for a miner on Windows; lives a minute at most.
 *
 *   tree N       N generations below this one, each of them staying; prints its pid
 *   jobs N       the same, but each generation holds the next in a job of its own
 *   exit CODE    ends at once
 *   orphan       starts a child that stays, prints its pid, ends
 *   lock FILE    locks the file, starts a child that stays, stays
 *   lost         the same, but the child that ends is in between; prints all pids, stays
 *   talk N       N lines on standard output, one on standard error, ends
 *   env          prints its mark, ends
 *   args ...     prints what it was given as JSON, ends
 */

const LIFE_MS_MAX = 60_000;

const [mode, value = "0"] = Deno.args;
switch (mode) {
  case "tree":
    print(`pid ${Deno.pid}`);
    if (Number(value) > 0) child(true, "tree", String(Number(value) - 1));
    await stay();
    break;
  case "jobs":
    print(`pid ${Deno.pid}`);
    if (Number(value) > 0) child(false, "jobs", String(Number(value) - 1));
    await stay();
    break;
  case "orphan":
    print(`pid ${child(true, "tree", "0").pid}`);
    Deno.exit(0);
    break;
  case "lost":
    print(`pid ${Deno.pid}`);
    child(true, "orphan");
    await stay();
    break;
  case "lock": {
    const file = Deno.openSync(value, { read: true, write: true });
    print(`locked ${file.tryLockSync(true)}`);
    child(true, "tree", "0");
    await stay();
    break;
  }
  case "exit":
    Deno.exit(Number(value));
    break;
  case "talk":
    for (let line = 1; line <= Number(value); line += 1) print(`line ${line}`);
    Deno.stderr.writeSync(new TextEncoder().encode("on stderr\n"));
    break;
  case "env":
    print(`mark ${Deno.env.get("KOLIKKO_MARK")}`);
    print(`own ${Deno.env.get("OWN")}`);
    print(`cwd ${Deno.cwd()}`);
    break;
  case "args":
    print(JSON.stringify(Deno.args.slice(1)));
    break;
}

/** What is not detached is put into a job by Deno, and ends with its parent. */
function child(detached: boolean, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    detached,
    args: ["run", "-A", "--no-config", import.meta.url, ...args],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function stay(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LIFE_MS_MAX));
}
