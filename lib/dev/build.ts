/**
 * `deno task build [TARGET...]`: compiles the program into one file for each
 * target, this machine's by default. DENORT_BIN is respected by `deno compile`.
 */

import { fileURLToPath } from "node:url";
import { lostDisposals } from "./disposals.ts";

const TARGETS: Readonly<Record<string, string>> = {
  linux: "x86_64-unknown-linux-gnu",
  "linux-arm": "aarch64-unknown-linux-gnu",
  windows: "x86_64-pc-windows-msvc",
};

/** The version from git; empty in a copy without a history. */
async function describe(): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["describe", "--always", "--dirty", "--tags"],
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function build(name: string | undefined, version: string): Promise<void> {
  const target = name === undefined ? undefined : TARGETS[name] ?? name;
  const windows = target?.includes("windows") ?? Deno.build.os === "windows";
  const folder = name === undefined ? "dist" : `dist/${name}`;
  const output = `${folder}/kolikko${windows ? ".exe" : ""}`;
  await Deno.mkdir(folder, { recursive: true });
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      // Proof of OFF needs /proc and job objects: see README, "Permissions".
      "--allow-all",
      // systemd listens on a datagram socket.
      "--unstable-net",
      // Never minified: that lost files that were to be closed.
      "--bundle",
      // That is for deno task check: in a bundle, comments of packages name files that are not there.
      "--no-check",
      ...target === undefined ? [] : ["--target", target],
      "--output",
      output,
      "main.ts",
      `--build=${version}`,
    ],
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
  await checkDisposals(output);
  say(`Built ${output}`);
}

/** Removes a program that would not let go of what its source lets go of, and ends. */
async function checkDisposals(output: string): Promise<void> {
  const sources = await Promise.all(
    (await modules()).map((path) => Deno.readTextFile(path)),
  );
  // The bundle stands in the program as it is, each byte a letter here.
  const program = new TextDecoder("latin1").decode(await Deno.readFile(output));
  const lost = lostDisposals(sources, program);
  if (lost.length === 0) return;
  await Deno.remove(output);
  say(
    `Cannot use "${output}" as it lacks what the source has: ${
      lost.join(", ")
    }; the bundler must keep it, see lib/dev/build.ts`,
  );
  Deno.exit(1);
}

/** The files that the program is made of, those of packages aside. */
async function modules(): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    stderr: "inherit",
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly modules: readonly { readonly specifier: string }[];
  };
  const files = modules.map(({ specifier }) => specifier)
    .filter((specifier) => /^file:.*\.ts$/.test(specifier));
  if (files.length < 2) throw new Error("Cannot find the files of main.ts");
  return files.map((specifier) => fileURLToPath(specifier));
}

function say(line: string): void {
  // deno-lint-ignore no-console
  console.log(line);
}

const version = await describe();
const names = Deno.args.length > 0 ? Deno.args : [undefined];
for (const name of names) await build(name, version);
