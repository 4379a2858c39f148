/**
 * Miners that put themselves into the background, or start a worker anew behind
 * our back: then a stop does not reach what heats, or heat comes without demand.
 */

import {
  fileName,
  type MinerProgram,
  minerProgram,
  optionIn,
} from "./miner_program.ts";

type Args = readonly string[];

/** Programs that keep what they start when they end, or let another program start it. */
const KEEPERS =
  /^(?:screen|tmux|byobu|zellij|dtach|daemonize|start-stop-daemon|systemd-run|docker|podman|machinectl|at|batch)$/;

/** Programs that give what they start the rights of another user. */
const CHANGERS = /^(?:sudo|su|doas|pkexec|runuser)$/;

/** What to change in `exec` or `args` so that the command is what it seems; `undefined` if nothing. */
export function watchdogAdvice(exec: string, args: Args): string | undefined {
  const name = fileName(exec);
  if (KEEPERS.test(name)) {
    return `Start the miner itself in place of ${name}: what ${name} starts ` +
      `goes on without it, where a stop does not reach it`;
  }
  if (CHANGERS.test(name)) {
    return `Start the miner itself in place of ${name}, with the service's ` +
      `User= in the unit set to who must run it: what runs as another user ` +
      `may not be stopped, and may leave what holds it`;
  }
  const found = minerProgram(exec, args);
  return found === undefined ? undefined : RULES[found.program]?.(found.args);
}

/** One rule a program; a program that is missing here has no watchdog of its own. */
const RULES: Readonly<Partial<Record<MinerProgram, (args: Args) => Advice>>> = {
  xmrig: (args) => background(args, "XMRig"),
  xmrigdaemon: () =>
    "Set exec to xmrigMiner in place of xmrigDaemon: the daemon starts the " +
    "miner anew when it ends",
  ccminer: (args) => background(args, "ccminer"),
  cpuminer: (args) => background(args, "cpuminer"),
  trex: (args) => unlessThere(args, "--no-watchdog", "T-Rex"),
  nbminer: (args) => unlessThere(args, "--no-watchdog", "NBMiner"),
  rigel: (args) => unlessThere(args, "--no-watchdog", "Rigel"),
  bzminer: (args) => unlessThere(args, "--no_watchdog", "BzMiner"),
  srbminer: (args) =>
    unlessThere(args, "--disable-worker-watchdog", "SRBMiner"),
  gminer: (args) =>
    optionIn(args, ["--watchdog", "-w"]) === "0"
      ? undefined
      : add("--watchdog 0", "GMiner"),
  lolminer,
  phoenixminer: (args) =>
    optionIn(args, ["-rmode"]) === "0" || optionIn(args, ["-wdog"]) === "0"
      ? undefined
      : add("-rmode 0", "PhoenixMiner"),
  teamredminer: (args) =>
    optionIn(args, ["--watchdog_script"]) === undefined
      ? undefined
      : "Remove --watchdog_script from args: its script may start TeamRedMiner " +
        "anew or end the machine",
  nanominer: (args) =>
    args.some((arg) => /^-*watchdog=false$/i.test(arg))
      ? undefined
      : "Set Watchdog=false in nanominer's config.ini: its watchdog starts the " +
        "miner anew by itself",
};

type Advice = string | undefined;

function background(args: Args, program: string): Advice {
  const flag = args.find((arg) => arg === "-B" || arg === "--background");
  if (flag === undefined) return undefined;
  return `Remove ${flag} from args: ${program} would go into the background, ` +
    `where a stop does not reach it`;
}

function unlessThere(args: Args, flag: string, program: string): Advice {
  return args.includes(flag) ? undefined : add(flag, program);
}

function lolminer(args: Args): Advice {
  const watchdog = optionIn(args, ["--watchdog"]);
  if (watchdog === "exit" || watchdog === "off") return undefined;
  if (optionIn(args, ["--disablewatchdog"]) === "1") return undefined;
  return watchdog === undefined
    ? add("--watchdog exit", "lolMiner")
    : `Set --watchdog exit in args: with "${watchdog}" lolMiner runs a script ` +
      `that may start it anew`;
}

function add(flags: string, program: string): string {
  return `Add ${flags} to args: ${program}'s own watchdog starts the miner ` +
    `anew by itself`;
}
