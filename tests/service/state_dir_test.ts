import { assert, assertEquals, assertStringIncludes, fail } from "@std/assert";
import {
  makeStateDir,
  type StateDir,
  stateDirOf,
} from "../../lib/service/state_dir.ts";

type Env = Readonly<Record<string, string>>;

const of = (os: string, env: Env) => stateDirOf(os, (name) => env[name]);
const dir = (path: string): StateDir => ({ kind: "dir", path });

Deno.test("stateDirOf() takes systemd's folder, the first of them, before all others", () => {
  const env = { XDG_STATE_HOME: "/x", HOME: "/h" };
  assertEquals(
    of("linux", { ...env, STATE_DIRECTORY: "/var/lib/kolikko" }),
    dir("/var/lib/kolikko"),
  );
  assertEquals(
    of("linux", { ...env, STATE_DIRECTORY: "/var/lib/a/:/var/lib/b" }),
    dir("/var/lib/a"),
  );
  assertEquals(of("linux", env), dir("/x/kolikko"));
  assertEquals(of("linux", { HOME: "/h/" }), dir("/h/.local/state/kolikko"));
});

Deno.test("stateDirOf() passes over what is empty, or means another folder wherever we are", () => {
  const env = { STATE_DIRECTORY: "", XDG_STATE_HOME: "state", HOME: "/h" };
  assertEquals(of("linux", env), dir("/h/.local/state/kolikko"));
  assertEquals(of("windows", { LOCALAPPDATA: "state" }).kind, "none");
});

Deno.test("stateDirOf() knows the folders of Windows", () => {
  const env = { LOCALAPPDATA: "C:\\Users\\o\\AppData\\Local", HOME: "/h" };
  assertEquals(
    of("windows", { ...env, ProgramData: "C:\\ProgramData" }),
    dir("C:\\Users\\o\\AppData\\Local\\KolikkoControl"),
  );
  assertEquals(
    of("windows", { ProgramData: "C:\\ProgramData\\" }),
    dir("C:\\ProgramData\\KolikkoControl"),
  );
});

Deno.test("stateDirOf() says what to set where no variable names a folder", () => {
  for (
    const [os, name] of [["linux", "STATE_DIRECTORY"], [
      "windows",
      "LOCALAPPDATA",
    ]]
  ) {
    const found = of(os ?? "", {});
    assert(found.kind === "none");
    assertStringIncludes(found.reason, `: set ${name} to a folder`);
  }
});

Deno.test({
  name:
    "makeStateDir() makes the folder for this user alone, and leaves nothing in it",
  ignore: Deno.build.os === "windows",
  async fn() {
    const home = await Deno.makeTempDir();
    try {
      const made = await makeStateDir(
        "linux",
        (name) => name === "HOME" ? home : undefined,
      );
      const path = `${home}/.local/state/kolikko`;
      assertEquals(made, dir(path));
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
      for await (const { name } of Deno.readDir(path)) fail(name);
      // Once more, as at every start.
      assertEquals(
        await makeStateDir(
          "linux",
          (name) => name === "HOME" ? home : undefined,
        ),
        dir(path),
      );
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "makeStateDir() names the folder that cannot be written, and what to set",
  ignore: Deno.build.os === "windows",
  async fn() {
    const made = await makeStateDir(
      "linux",
      (name) => name === "STATE_DIRECTORY" ? "/dev/null/state" : undefined,
    );
    assert(made.kind === "none");
    assertStringIncludes(made.reason, '"/dev/null/state" cannot be written');
    assertStringIncludes(made.reason, "set STATE_DIRECTORY");
  },
});

Deno.test({
  name: "makeStateDir() refuses a folder that others can write, also one above",
  ignore: Deno.build.os === "windows",
  async fn() {
    const home = await Deno.makeTempDir();
    const make = () =>
      makeStateDir("linux", (name) => name === "HOME" ? home : undefined);
    const path = `${home}/.local/state/kolikko`;
    try {
      assertEquals(await make(), dir(path));
      const real = await Deno.realPath(home);
      await Deno.chmod(path, 0o770);
      const group = await make();
      assert(group.kind === "none");
      assertStringIncludes(
        group.reason,
        `"${real}/.local/state/kolikko" can be written by others (mode 770)`,
      );
      assertStringIncludes(group.reason, "or set STATE_DIRECTORY to a folder");
      await Deno.chmod(path, 0o700);
      await Deno.chmod(home, 0o707);
      const above = await make();
      assert(above.kind === "none");
      assertStringIncludes(above.reason, `chmod o-w '${real}'`);
      await Deno.chmod(home, 0o700);
      assertEquals(await make(), dir(path));
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

Deno.test({
  name: "makeStateDir() refuses another user's folder, also one above" +
    (isRoot ? "" : " (ignored: only root can give a folder away)"),
  ignore: !isRoot,
  async fn() {
    const home = await Deno.makeTempDir();
    const make = () =>
      makeStateDir("linux", (name) => name === "HOME" ? home : undefined);
    const path = `${home}/.local/state/kolikko`;
    try {
      await make();
      for (const given of [path, home]) {
        await Deno.chown(given, 65534, null);
        const made = await make();
        assert(made.kind === "none");
        assertStringIncludes(
          made.reason,
          `"${await Deno.realPath(given)}" belongs to `,
        );
        assertStringIncludes(made.reason, "(65534)");
        await Deno.chown(given, 0, null);
      }
      assertEquals(await make(), dir(path));
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
