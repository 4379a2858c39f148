import { assert, assertEquals } from "@std/assert";
import { openStdout } from "../lib/stdout.ts";

/** A reader that takes nothing until it is told to. */
function stuckWriter() {
  const gate = Promise.withResolvers<void>();
  const chunks: string[] = [];
  return {
    chunks,
    open: gate.resolve,
    async write(bytes: Uint8Array): Promise<number> {
      await gate.promise;
      // A pipe may take less than it is given.
      const part = bytes.subarray(0, Math.max(1, bytes.length - 3));
      chunks.push(new TextDecoder().decode(part));
      return part.length;
    },
  };
}

Deno.test("openStdout() writes all lines in order, however little the reader takes", async () => {
  const writer = stuckWriter();
  const stdout = openStdout(writer);
  for (let index = 0; index < 20; index++) stdout.write(`line ${index}`);
  writer.open();
  await stdout.flush(1_000);
  const lines = writer.chunks.join("").trimEnd().split("\n");
  assertEquals(lines.length, 20);
  assertEquals(lines[19], "line 19");
  stdout.write("later");
  await stdout.flush(1_000);
  assert(writer.chunks.join("").endsWith("later\n"));
});

Deno.test("openStdout() counts what it leaves out while nobody reads", async () => {
  const writer = stuckWriter();
  const stdout = openStdout(writer);
  for (let index = 0; index < 5_000; index++) stdout.write("x");
  writer.open();
  await stdout.flush(1_000);
  const text = writer.chunks.join("");
  const left = Number(text.match(/\((\d+) lines left out\)/)?.[1]);
  assertEquals(text.split("x").length - 1 + left, 5_000);
});

Deno.test("openStdout() outlives a reader that is gone", async () => {
  const stdout = openStdout({
    write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
  });
  stdout.write("a");
  await stdout.flush(100);
  stdout.write("b");
  await stdout.flush(100);
});
