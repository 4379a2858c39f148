import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { ConfigError, findConfig, loadConfig } from "../../lib/config.ts";
import { LEAST } from "./bad.ts";

/** Runs `use` in a new folder with two folders in it. */
async function inFolders(
  use: (folders: { execDir: string; cwd: string }) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "kolikko-test-" });
  const folders = { execDir: join(root, "bin"), cwd: join(root, "cwd") };
  try {
    for (const folder of Object.values(folders)) await Deno.mkdir(folder);
    await use(folders);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("findConfig() looks beside the binary, then in the working directory", async () => {
  await inFolders(async ({ execDir, cwd }) => {
    const error = await assertRejects(
      () => findConfig({ given: undefined, execDir, cwd }),
      ConfigError,
    );
    for (const folder of [execDir, cwd]) {
      assertStringIncludes(error.message, join(folder, "kolikko.toml"));
    }
    assertStringIncludes(error.message, "kolikko.toml.example");

    const inCwd = join(cwd, "kolikko.toml");
    await Deno.writeTextFile(inCwd, LEAST);
    assertEquals(await findConfig({ given: undefined, execDir, cwd }), inCwd);

    const beside = join(execDir, "kolikko.toml");
    await Deno.writeTextFile(beside, LEAST);
    assertEquals(await findConfig({ given: undefined, execDir, cwd }), beside);
    assertEquals(
      await findConfig({ given: undefined, execDir: undefined, cwd }),
      inCwd,
    );
  });
});

Deno.test("findConfig() takes the given file and no other", async () => {
  await inFolders(async ({ execDir, cwd }) => {
    await Deno.writeTextFile(join(cwd, "kolikko.toml"), LEAST);
    const error = await assertRejects(
      () => findConfig({ given: "other.toml", execDir, cwd }),
      ConfigError,
    );
    assertStringIncludes(error.message, `"${join(cwd, "other.toml")}"`);
    assertEquals(
      await findConfig({ given: "kolikko.toml", execDir, cwd: cwd }),
      join(cwd, "kolikko.toml"),
    );
  });
});

Deno.test("loadConfig() reads a file", async () => {
  await inFolders(async ({ cwd }) => {
    const file = join(cwd, "my.toml");
    await Deno.writeTextFile(file, LEAST);
    const config = await loadConfig(file, {});
    assertEquals([config.file, config.commands[0]?.cwd], [file, cwd]);
  });
});

Deno.test("loadConfig() says why a file cannot be read", async () => {
  await inFolders(async ({ cwd }) => {
    const table: [string, Uint8Array | undefined, string][] = [
      ["none.toml", undefined, "no such file"],
      [".", undefined, "not a file"],
      ["utf16.toml", new Uint8Array([0xff, 0xfe, 0x5b, 0]), "not UTF-8"],
      ["big.toml", new Uint8Array(1024 * 1024 + 1), "at most"],
    ];
    for (const [name, bytes, phrase] of table) {
      const file = join(cwd, name);
      if (bytes !== undefined) await Deno.writeFile(file, bytes);
      const error = await assertRejects(
        () => loadConfig(file, {}),
        ConfigError,
      );
      assertEquals(error.file, file);
      assertEquals(error.problems.map(({ key }) => key), [""]);
      assertStringIncludes(error.message, phrase);
    }
  });
});

Deno.test("findConfig() names a file that an editor gave a second ending", async () => {
  await inFolders(async ({ execDir, cwd }) => {
    const wrong = join(cwd, "kolikko.toml.txt");
    await Deno.writeTextFile(wrong, LEAST);
    const error = await assertRejects(
      () => findConfig({ given: undefined, execDir, cwd }),
      ConfigError,
    );
    assertStringIncludes(error.message, `rename "${wrong}"`);
  });
});
