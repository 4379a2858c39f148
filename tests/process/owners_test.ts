import { assertEquals } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { isOwnFolder, ownersOf, parseOwner } from "../../lib/process/owners.ts";

const ignore = Deno.build.os !== "linux";
const isRoot = !ignore && Deno.uid() === 0;

Deno.test("parseOwner() takes the user who started it, not whom a setuid program acts for", () => {
  assertEquals(parseOwner("Name:\tsudo\nUid:\t1000\t0\t0\t0\nGid:\t5\n"), 1000);
  assertEquals(parseOwner("/proc/12/status:Uid:\t7\t7\t7\t7"), 7);
  assertEquals(parseOwner(""), undefined);
});

Deno.test({
  name: "ownersOf() knows ourselves, and nothing of who is gone",
  ignore,
  async fn() {
    const { own, of } = await ownersOf([Deno.pid, 2 ** 30], systemClock);
    assertEquals(own, Deno.uid());
    assertEquals([...of], [[Deno.pid, Deno.uid()]]);
  },
});

Deno.test({
  name: "isOwnFolder() believes no folder of another user" +
    (isRoot ? "" : " (ignored: only root can give a folder away)"),
  ignore: !isRoot,
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      assertEquals(isOwnFolder(dir), true);
      await Deno.chown(dir, 65534, null);
      assertEquals(isOwnFolder(dir), false);
    } finally {
      await Deno.remove(dir);
    }
  },
});
