/** KolikkoControl: starts and stops an owner's miner programs at a thermostat's word. */

import meta from "./deno.json" with { type: "json" };
import { type Arguments, readArguments } from "./lib/cli/arguments.ts";
import { HELP } from "./lib/cli/help.ts";
import { settlePermissions, shieldEnvironment } from "./lib/cli/permissions.ts";
import { variable } from "./lib/cli/variable.ts";
import { forJournal, isJournal } from "./lib/journal.ts";
import { openStdout } from "./lib/stdout.ts";

const stdout = openStdout();
const errors = openStdout(Deno.stderr);
const stderr = isJournal("stderr", variable)
  ? (text: string) => errors.write(forJournal(text, "error"))
  : errors.write;

async function main(args: Arguments): Promise<number> {
  switch (args.kind) {
    case "help":
      stdout.write(HELP);
      return 0;
    case "version":
      stdout.write(`kolikko ${args.version}`);
      return 0;
    case "wrong":
      stderr(args.message);
      return 2;
    case "run": {
      const { run } = await import("./lib/cli/run.ts");
      return await run({ ...args, stdout, stderr });
    }
    case "check": {
      const { check } = await import("./lib/cli/check.ts");
      return await check({ ...args, stdout, stderr });
    }
    case "acl": {
      const { acl } = await import("./lib/cli/acl.ts");
      return await acl({ ...args, stdout, stderr });
    }
    case "forget": {
      const { forget } = await import("./lib/cli/forget.ts");
      return await forget({ ...args, stdout, stderr });
    }
    case "demo": {
      // Its broker is not for a rig: load it only here.
      const { demo } = await import("./lib/cli/demo.ts");
      return await demo({ ...args, stdout, stderr });
    }
    case "demo-miner": {
      const { mine } = await import("./lib/demo/stand_in_miner.ts");
      return await mine(args.args);
    }
  }
}

function needsPermissions({ kind }: Arguments): boolean {
  return !["help", "version", "wrong", "demo-miner"].includes(kind);
}

// The thread that watches over the loop loads this module, too.
if ("WorkerGlobalScope" in globalThis) {
  const { watch } = await import("./lib/cli/watcher.ts");
  watch();
} else {
  const args = readArguments(Deno.args, meta.version);
  if (needsPermissions(args)) {
    await settlePermissions(async (text) => {
      stderr(text);
      await errors.flush(1_000);
    });
  }
  shieldEnvironment();
  const code = await main(args);
  await Promise.all([stdout.flush(1_000), errors.flush(1_000)]);
  Deno.exit(code);
}
