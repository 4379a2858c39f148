import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { AtomicFile, type Contents } from "../../lib/service/atomic_file.ts";
import { FakeFiles } from "../fakes/fake_files.ts";

const PATH = "/state/rig.json";
const TEXT = 'The energy of the rig: 123.4 kWh, "äöü"\n';

function onFakeDisk(maxBytes?: number) {
  const files = new FakeFiles();
  const some = maxBytes === undefined ? {} : { maxBytes };
  const open = () => new AtomicFile({ path: PATH, files, ...some });
  return { files, open, file: open() };
}

const text = (text: string): Contents => ({ kind: "text", text });

Deno.test("AtomicFile reads what was written, the empty text as well", async () => {
  const { open, file } = onFakeDisk();
  assertEquals(await file.read(), { kind: "missing" });
  for (const one of [TEXT, "", "\n", "kolikko 1 sha256\n"]) {
    await file.write(one);
    assertEquals(await open().read(), text(one));
  }
});

Deno.test("AtomicFile.read() calls a file that was cut at any byte damaged", async () => {
  const { files, file, open } = onFakeDisk();
  await file.write(TEXT);
  const whole = files.contents.get(PATH) ?? new Uint8Array();
  assertGreaterOrEqual(whole.length, 100);
  for (let length = 0; length < whole.length; length += 1) {
    files.contents.set(PATH, whole.slice(0, length));
    assertEquals((await open().read()).kind, "damaged", `cut at ${length}`);
  }
  files.contents.set(PATH, whole);
  assertEquals(await open().read(), text(TEXT));
});

Deno.test("AtomicFile.read() calls a file damaged in which any one byte is another", async () => {
  const { files, file } = onFakeDisk();
  await file.write(TEXT);
  const whole = files.contents.get(PATH) ?? new Uint8Array();
  for (let at = 0; at < whole.length; at += 1) {
    const bytes = whole.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 0x80;
    files.contents.set(PATH, bytes);
    assertEquals((await file.read()).kind, "damaged", `byte ${at}`);
  }
});

Deno.test("AtomicFile.read() calls garbage, zeros, and what has grown damaged", async () => {
  const { files, file } = onFakeDisk(1_000);
  await file.write(TEXT);
  const whole = files.contents.get(PATH) ?? new Uint8Array();
  const grown = new Uint8Array([...whole, 0]);
  const long = new Uint8Array(5_000).fill(0x20);
  for (const bytes of [grown, new Uint8Array(200), long]) {
    files.contents.set(PATH, bytes);
    assertEquals((await file.read()).kind, "damaged");
  }
});

Deno.test("AtomicFile.read() says why a file cannot be read", async () => {
  const { files, file } = onFakeDisk();
  files.faults.read = new Deno.errors.PermissionDenied("not yours");
  assertEquals(await file.read(), { kind: "damaged", reason: "not yours" });
});

Deno.test("AtomicFile.write() keeps the old text when the disk fills up at any byte, and leaves no draft", async () => {
  const { files, file, open } = onFakeDisk();
  await file.write("old");
  const size = files.contents.get(PATH)?.length ?? 0;
  for (let free = 0; free < size; free += 1) {
    files.freeBytes = free;
    const error = await assertRejects(() => file.write("new"), Error);
    assertStringIncludes(error.message, "No space left");
    assertEquals([...files.contents.keys()], [PATH]);
    assertEquals(await open().read(), text("old"));
  }
  files.freeBytes = size;
  await file.write("new");
  assertEquals(await open().read(), text("new"));
});

Deno.test("AtomicFile.write() keeps the old text when the disk is read-only, or refuses the rename", async () => {
  for (const name of ["writeNew", "rename"] as const) {
    const { files, file, open } = onFakeDisk();
    await file.write("old");
    files.faults[name] = new Error("Read-only file system (os error 30)");
    await assertRejects(() => file.write("new"), Error, "Read-only");
    assertEquals(await open().read(), text("old"));
    delete files.faults[name];
    await file.write("new");
    assertEquals(await open().read(), text("new"));
  }
});

Deno.test("AtomicFile.write() does without what a system cannot: a look at the folder, its sync", async () => {
  const { files, file } = onFakeDisk();
  files.faults.list = new Error("Access is denied (os error 5)");
  files.faults.syncDir = new Error("Access is denied (os error 5)");
  await file.write(TEXT);
  assertEquals(await file.read(), text(TEXT));
});

Deno.test("AtomicFile.write() refuses a text that is too long before it touches the disk", async () => {
  const { files, file } = onFakeDisk(10);
  await file.write("0123456789");
  await assertRejects(() => file.write("0123456789a"), RangeError, "11 bytes");
  assertEquals(files.writes, 1);
  assertEquals(await file.read(), text("0123456789"));
});

Deno.test("AtomicFile.write() does several writes in their order", async () => {
  const { files, file } = onFakeDisk();
  const slow = Promise.withResolvers<void>();
  const rename = files.rename.bind(files);
  let renames = 0;
  files.rename = async (from, to) => {
    renames += 1;
    if (renames === 1) await slow.promise;
    await rename(from, to);
  };
  const all = ["a", "b", "c", "d"].map((one) => file.write(one));
  setTimeout(() => slow.resolve(), 30);
  await Promise.all(all);
  assertEquals(await file.read(), text("d"));
});

Deno.test("AtomicFile removes the drafts of a writer that was killed, and nothing else", async () => {
  const { files, open } = onFakeDisk();
  const draft = "/state/.rig.json.0b5e8a9c.tmp";
  const others = ["/state/.rig2.json.1.tmp", "/state/rig.json.tmp"];
  for (const path of [draft, ...others]) {
    files.contents.set(path, new Uint8Array(3));
  }
  assertEquals(await open().read(), { kind: "missing" });
  assertEquals([...files.contents.keys()], others);
});

async function namesIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) names.push(name);
  return names;
}

/** Lines of a stream, one by one. */
async function* lines(stream: ReadableStream<Uint8Array>) {
  let rest = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

Deno.test("AtomicFile survives a kill -9 of its writer, 100 times, with nothing lost that was said to be written", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/count`;
  const script = new URL("./writer_script.ts", import.meta.url).pathname;
  let drafts = 0;
  let written = 0;
  try {
    for (let round = 0; round < 100; round += 1) {
      const writer = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-config", script, path, String(written)],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const until = written + 1 + round % 7;
      for await (const line of lines(writer.stdout)) {
        written = Math.max(written, Number(line));
        // Some die at once, some a little later, in the midst of what comes next.
        if (written < until) continue;
        const spin = performance.now() + (round % 10) / 5;
        while (performance.now() < spin);
        try {
          writer.kill("SIGKILL");
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
        }
      }
      await writer.status;
      drafts += (await namesIn(dir)).length - 1;
      const contents = await new AtomicFile({ path }).read();
      assert(contents.kind === "text", JSON.stringify(contents));
      const [count, filling = ""] = contents.text.split(" ");
      assertGreaterOrEqual(Number(count), written);
      assertEquals(filling, "x".repeat(Number(count) % 5_000));
      assertEquals(await namesIn(dir), [
        "count",
      ]);
      written = Number(count);
    }
    // Else none was killed at work.
    assertGreaterOrEqual(drafts, 1);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test({
  name:
    "AtomicFile believes nothing that others could have written, and reads through no link",
  ignore: Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/it`;
    const file = new AtomicFile({ path });
    const reason = async () => {
      const contents = await file.read();
      return contents.kind === "damaged" ? contents.reason : contents.kind;
    };
    try {
      await file.write("ours");
      assertEquals(await file.read(), { kind: "text", text: "ours" });
      await Deno.chmod(path, 0o620);
      assertStringIncludes(await reason(), `chmod 600 '${path}'`);
      await Deno.chmod(path, 0o600);
      await Deno.link(path, `${dir}/second`);
      assertStringIncludes(await reason(), "has a second name");
      await Deno.remove(path);
      await Deno.symlink(`${dir}/second`, path);
      assertStringIncludes(await reason(), "is a symbolic link");
      // Writing puts a file of ours into the place of the link.
      await file.write("anew");
      assertEquals(await file.read(), { kind: "text", text: "anew" });
      const second = await new AtomicFile({ path: `${dir}/second` }).read();
      assertEquals(second, { kind: "text", text: "ours" });
      if (Deno.build.os !== "linux" || Deno.uid() !== 0) return;
      await Deno.chown(path, 65534, null);
      assertStringIncludes(await reason(), "belongs to ");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});
