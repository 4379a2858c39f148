/** The command line, read once. */

import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../config/suggest.ts";
import { ACL_BROKERS, type AclBroker } from "../mqtt/broker_acl.ts";

/** What the command line asks for. */
export type Arguments =
  | { readonly kind: "help" }
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "wrong"; readonly message: string }
  | {
    readonly kind: "run";
    readonly version: string;
    readonly config: string | undefined;
  }
  | {
    readonly kind: "demo";
    readonly version: string;
    readonly port: number;
    readonly forMs: number;
  }
  | {
    readonly kind: "check";
    readonly config: string | undefined;
  }
  | {
    readonly kind: "acl";
    readonly config: string | undefined;
    readonly broker: AclBroker;
  }
  | {
    readonly kind: "forget";
    readonly config: string | undefined;
    readonly yes: boolean;
  }
  | { readonly kind: "demo-miner"; readonly args: readonly string[] };

const SUBCOMMANDS = ["run", "check", "acl", "forget", "demo"];
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  run: ["config"],
  check: ["config"],
  acl: ["config", "broker"],
  forget: ["config", "yes"],
  demo: ["port", "for"],
};
/** How long the demo runs if nothing else is asked for. */
const DEMO_FOR = "2m";

/** Reads the arguments; the first may be the build, put there when the program was compiled. */
export function readArguments(
  given: readonly string[],
  release: string,
): Arguments {
  const [first, ...others] = given;
  const build = first?.match(/^--build=(.*)$/)?.[1];
  const args = build === undefined ? [...given] : others;
  const version = build === undefined || build === ""
    ? release
    : `${release} (${build})`;
  if (args[0] === "demo-miner") {
    return { kind: "demo-miner", args: args.slice(1) };
  }
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    string: ["config", "port", "for", "broker"],
    boolean: ["help", "version", "yes"],
    alias: { h: "help", V: "version", c: "config" },
    unknown: (arg) => {
      if (arg.startsWith("-")) unknown.push(arg);
      return true;
    },
  });
  if (parsed["help"] === true) return { kind: "help" };
  if (parsed["version"] === true) return { kind: "version", version };
  const [subcommand = "run", ...rest] = parsed._.map(String);
  const wrong = (message: string): Arguments => ({ kind: "wrong", message });
  if (subcommand === "help") return { kind: "help" };
  if (!SUBCOMMANDS.includes(subcommand)) {
    return wrong(
      `Cannot do "${subcommand}": this version knows ` +
        `${SUBCOMMANDS.join(", ")}; ${meant(subcommand)}see kolikko --help`,
    );
  }
  if (rest.length > 0) {
    const given = rest.join(" ");
    return wrong(
      `Cannot use "${given}" after ${subcommand}; ${meant(given)}` +
        "see kolikko --help",
    );
  }
  const allowed = OPTIONS[subcommand] ?? [];
  const strange = ["config", "port", "for", "yes", "broker"].filter((name) =>
    parsed[name] !== undefined && parsed[name] !== false &&
    !allowed.includes(name)
  );
  for (const name of [...unknown, ...strange.map((one) => `--${one}`)]) {
    return wrong(
      `Cannot use the option "${name}" with ${subcommand}; it takes ` +
        allowed.map((one) => `--${one}`).join(", "),
    );
  }
  const config = text(parsed["config"]);
  if (config === "") {
    return wrong("Cannot use --config without a file: write --config FILE");
  }
  switch (subcommand) {
    case "run":
      return { kind: "run", version, config };
    case "check":
      return { kind: "check", config };
    case "acl":
      return aclArguments(config, text(parsed["broker"]));
    case "forget":
      return { kind: "forget", config, yes: parsed["yes"] === true };
  }
  return demoArguments(text(parsed["port"]), text(parsed["for"]), version);
}

/** What somebody may have meant by a word that means nothing. */
function meant(word: string): string {
  if (/\.toml$/i.test(word)) return `a file is named with --config ${word}; `;
  if (/^\d+[smh]$/.test(word)) return `a time is given with --for ${word}; `;
  if (word === "version") return "did you mean --version? ";
  const near = nearest(word, SUBCOMMANDS);
  return near === undefined ? "" : `did you mean ${near}? `;
}

function aclArguments(
  config: string | undefined,
  named: string = ACL_BROKERS[0],
): Arguments {
  const broker = ACL_BROKERS.find((one) => one === named);
  if (broker !== undefined) return { kind: "acl", config, broker };
  const message = `Cannot print the access list of "${named}": --broker is ` +
    `one of ${ACL_BROKERS.join(", ")}`;
  return { kind: "wrong", message };
}

function demoArguments(
  port: string | undefined,
  time: string | undefined,
  version: string,
): Arguments {
  const number = port === undefined ? 0 : Number(port);
  if (
    !Number.isInteger(number) || number < 0 || number > 65_535 || port === ""
  ) {
    const message = `Cannot use port "${port}": it must be 1 to 65535`;
    return { kind: "wrong", message };
  }
  const match = (time ?? DEMO_FOR).match(/^(\d+)([smh])$/);
  if (match === null) {
    const message =
      `Cannot read the time "${time}": it must look like 30s, 5m or 1h`;
    return { kind: "wrong", message };
  }
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 }[match[2] ?? "s"] ?? 0;
  return {
    kind: "demo",
    version,
    port: number,
    forMs: Number(match[1]) * unitMs,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
