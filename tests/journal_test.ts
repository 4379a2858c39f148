import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { isJournal } from "../lib/journal.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

Deno.test({
  name: "isJournal() believes JOURNAL_STREAM only if it names our own output",
  ignore: Deno.build.os !== "linux",
  fn() {
    const { dev, ino } = Deno.statSync("/proc/self/fd/1");
    const says = (text?: string) => isJournal("stdout", () => text);
    assertEquals(says(`${dev}:${ino}`), true);
    for (const other of [undefined, "", "x", `${dev}:1`, `1:${ino}`]) {
      assertEquals(says(other), false);
    }
  },
});

Deno.test({
  name: "kolikko tells the journal of an error with its priority, on each line",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${dir}/kolikko.toml`, "[rgi]\n[mqqt]\n");
      // As a service manager does it: the stream is there first, then its name.
      const script = 'JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr) exec "$@"';
      const { stderr } = await new Deno.Command("/bin/sh", {
        args: [
          ...["-c", script, "sh", Deno.execPath(), "run", "-A", MAIN],
          ...["--config", `${dir}/kolikko.toml`],
        ],
        env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      }).output();
      const lines = new TextDecoder().decode(stderr).trim().split("\n");
      assertEquals(lines.length >= 3, true, lines.join("\n"));
      assertEquals(lines.filter((line) => !line.startsWith("<3>")), []);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});
