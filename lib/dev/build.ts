/**
 * `deno task build [TARGET...]`: compiles the program into one file for each
 * target, this machine's by default. DENORT_BIN is respected by `deno compile`.
 */

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
      "--bundle",
      "--minify",
      ...target === undefined ? [] : ["--target", target],
      "--output",
      output,
      "main.ts",
      `--build=${version}`,
    ],
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
  // deno-lint-ignore no-console
  console.log(`Built ${output}`);
}

const version = await describe();
const names = Deno.args.length > 0 ? Deno.args : [undefined];
for (const name of names) await build(name, version);
