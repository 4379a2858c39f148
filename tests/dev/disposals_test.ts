import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { lostDisposals } from "../../lib/dev/disposals.ts";

const FILES = fileURLToPath(
  new URL("../../lib/service/files.ts", import.meta.url),
);

/** What the bundler that compiles the program makes of a file of it. */
async function bundle(path: string, flags: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "deno", ...flags, path],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("lostDisposals() finds nothing in a bundle, and all that a minified one may lack", async () => {
  const source = await Deno.readTextFile(FILES);
  assertEquals(lostDisposals([source], await bundle(FILES, [])), []);
  assertEquals(lostDisposals([source], await bundle(FILES, ["--minify"])), [
    "using file",
    "using file",
    "using folder",
  ]);
});

Deno.test("lostDisposals() takes a number behind a name for the same name, and counts", () => {
  const sources = [
    "using file = await open(a);\nawait using link = connect();",
    "for (using file of files) await file.read();",
  ];
  const whole =
    "using file = await open(a); await  using link12=connect(); for (using file2 of files)";
  assertEquals(lostDisposals(sources, whole), []);
  const changes: [string, string, string[]][] = [
    ["using file = ", "const file = ", ["using file"]],
    ["using file2 of", "const file2 of", ["using file"]],
    ["await  using", "using", ["await using link"]],
    ["using link12=connect()", "await connect()", ["await using link"]],
    ["using file2 of", "using f of", ["using file"]],
    ["using file = ", "if (using file == ", ["using file"]],
  ];
  for (const [old, changed, lost] of changes) {
    assertEquals(
      lostDisposals(sources, whole.replace(old, changed)),
      lost,
      changed,
    );
  }
});
