import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(
  new URL("./resource_limits_script.ts", import.meta.url),
);

interface Told {
  readonly missing: readonly string[];
  /** What a child inherits: core files soft and hard, open files soft and hard. */
  readonly limits: readonly string[];
}

/** What a process tells that had these limits of open files. */
async function limited(
  [soft, hard]: readonly [number, number],
  flags: readonly string[] = ["-A"],
): Promise<Told> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, SCRIPT, `${soft}`, `${hard}`],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)) as Told;
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name:
    "limitResources() raises the soft limit of descriptors, never lowers it, and forbids core files",
  ignore,
  async fn() {
    const moments: [[number, number], string][] = [
      [[256, 4_096], "4096"],
      [[4_096, 4_096], "4096"],
    ];
    for (const [limits, soft] of moments) {
      assertEquals(await limited(limits), {
        missing: [],
        limits: ["0", "0", soft, "4096"],
      });
    }
  },
});

Deno.test({
  name: "limitResources() says so where it cannot forbid core files",
  ignore,
  async fn() {
    const flags = ["--no-prompt", "--allow-run"];
    const { missing } = await limited([256, 4_096], flags);
    assertEquals(missing, [
      "A core file may hold the broker's password: foreign functions are not allowed; " +
      "start it with --allow-ffi, or use the compiled program",
    ]);
  },
});
