import { assertEquals, assertStringIncludes } from "@std/assert";
import { LogFile } from "../lib/log_file.ts";

/** A file in a folder of its own, and the faults that it told. */
async function inFolder(
  use: (
    path: string,
    make: (options: { maxBytes: number; keep: number }) => LogFile,
    faults: string[],
  ) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/x.log`;
  const faults: string[] = [];
  const make = (options: { maxBytes: number; keep: number }) =>
    new LogFile({
      ...options,
      path,
      onFault: (error) => faults.push(String(error)),
    });
  try {
    await use(path, make, faults);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function modeOf(path: string): string {
  return ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
}

Deno.test("LogFile keeps so many files, the newest lines in the first", async () => {
  for (const keep of [1, 2, 4]) {
    await inFolder(async (path, make, faults) => {
      for (let index = 0; index < 6; index += 1) {
        const file = make({ maxBytes: 20, keep });
        file.write(`line number ${index}`);
        await file.close();
      }
      let count = 0;
      for await (const _ of Deno.readDir(path.slice(0, -"/x.log".length))) {
        count += 1;
      }
      assertEquals(count, keep);
      assertEquals(await Deno.readTextFile(path), "line number 5\n");
      if (keep > 1) {
        const before = await Deno.readTextFile(`${path}.${keep - 1}`);
        assertEquals(before, `line number ${6 - keep}\n`);
      }
      assertEquals(faults, []);
    });
  }
});

Deno.test({
  name: "LogFile is for its owner alone, new, turned over and found",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (path, make) => {
      await Deno.writeTextFile(path, "old\n", { mode: 0o644 });
      await Deno.chmod(path, 0o644);
      const file = make({ maxBytes: 20, keep: 3 });
      file.write("a line that is long");
      await file.close();
      assertEquals(modeOf(`${path}.1`), "640");
      assertEquals(modeOf(path), "600");
    });
  },
});

Deno.test({
  name: "LogFile loses lines while its place is taken, and goes on afterwards",
  async fn() {
    await inFolder(async (path, make, faults) => {
      const file = make({ maxBytes: 30, keep: 1 });
      file.write("a first line of some length");
      await file.close();
      await Deno.remove(path);
      await Deno.mkdir(`${path}/full`, { recursive: true });
      file.write("lost");
      await file.close();
      assertEquals(faults.length, 1);
      assertStringIncludes(faults[0] ?? "", "is not a file");
      await Deno.remove(path, { recursive: true });
      file.write("again");
      await file.close();
      assertEquals(await Deno.readTextFile(path), "again\n");
    });
  },
});

Deno.test("LogFile drops what a disk that stands still does not take", async () => {
  await inFolder(async (_, make, faults) => {
    const file = make({ maxBytes: 1e9, keep: 2 });
    // Nothing is written before this task gives way.
    for (let index = 0; index < 50_000; index += 1) file.write("x".repeat(99));
    await file.close();
    assertStringIncludes(faults[0] ?? "", "too slow");
  });
});
