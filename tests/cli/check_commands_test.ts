import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkCommands } from "../../lib/cli/check/commands.ts";
import { good, LEAST } from "../config/bad.ts";

/** What is found of a command with these arguments, but that it is not installed. */
async function notes(args: readonly string[]): Promise<string[]> {
  const config = await good(
    `${LEAST}args = ${JSON.stringify(args)}\ntelemetry = { api = "none" }\n`,
  );
  const found = await checkCommands(config, {
    runs: false,
    isElsewhere: false,
  });
  return found.filter(({ level }) => level === "note").map(({ found }) =>
    found
  );
}

Deno.test("checkCommands() tells of an option and its value in one text, and never the value", async () => {
  const [note, ...others] = await notes(["--url pool:1 -p s3cret", "-v"]);
  assertEquals(others, []);
  assertStringIncludes(note ?? "", '"--url"');
  assertStringIncludes(note ?? "", "args[0]");
  assertEquals(note?.includes("s3cret"), false);
});

Deno.test("checkCommands() is silent about arguments with spaces in them", async () => {
  assertEquals(await notes(["--name", "my rig", "--pass=a b", "- x", "-"]), []);
});

Deno.test("checkCommands() tells of what a shell alone understands", async () => {
  for (const arg of [">", "2>&1", "|", "&", "&&"]) {
    const found = await notes(["-o", "pool", arg]);
    assertEquals(found.length, 1, arg);
    assertStringIncludes(found[0] ?? "", `"${arg}" as an argument, args[2]`);
  }
});
