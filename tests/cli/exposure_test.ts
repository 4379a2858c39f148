import { assertEquals } from "@std/assert";
import { exposureOf, exposures, type Who } from "../../lib/cli/exposure.ts";
import { parseConfig } from "../../lib/config.ts";

const US: Who = { uid: 1000, gid: 100 };
const ROOT: Who = { uid: 0, gid: 0 };

function file(mode: number, uid = US.uid, gid = US.gid) {
  return { mode: 0o100000 | mode, uid, gid };
}

const SECRET = { path: "/c/k.toml", secret: "The password", rules: false };
const RULES = { path: "/c/k.toml", secret: undefined, rules: true };

Deno.test("exposureOf() tells of a secret that others can read, with the command that mends it", () => {
  const cases: readonly (readonly [
    Parameters<typeof file>,
    Who | undefined,
    string | undefined,
  ])[] = [
    [[0o600], US, undefined],
    [[0o400], US, undefined],
    [[0o644], US, "chmod 600 '/c/k.toml'"],
    [[0o604], US, "chmod 600 '/c/k.toml'"],
    [[0o640], US, "chmod 600 '/c/k.toml'"],
    // Root's, read through the group: that is how a service should have it.
    [[0o640, 0, US.gid], US, undefined],
    [
      [0o640, 0, 7],
      US,
      "sudo chgrp 100 '/c/k.toml' && sudo chmod 640 '/c/k.toml'",
    ],
    [
      [0o644, 0, 0],
      US,
      "sudo chgrp 100 '/c/k.toml' && sudo chmod 640 '/c/k.toml'",
    ],
    [[0o644], ROOT, "chmod go-rwx '/c/k.toml'"],
    [[0o640], ROOT, "chmod go-rwx '/c/k.toml'"],
    [[0o644], undefined, "chmod o-rwx '/c/k.toml'"],
    [[0o640], undefined, undefined],
  ];
  for (const [facts, who, command] of cases) {
    const octal = facts[0].toString(8);
    const told = command === undefined ? [] : [
      `The password stands in "/c/k.toml", which others can read (mode ${octal}): ${command}`,
    ];
    assertEquals(exposureOf(SECRET, file(...facts), who), told);
    assertEquals(
      exposureOf({ ...RULES, rules: false }, file(...facts), who),
      [],
    );
  }
});

Deno.test("exposureOf() tells of a configuration that others can write", () => {
  for (const mode of [0o620, 0o602, 0o666]) {
    assertEquals(exposureOf(RULES, file(mode), US), [
      `"/c/k.toml" says which programs are run, and others can write it ` +
      `(mode ${mode.toString(8)}): chmod go-w '/c/k.toml'`,
    ]);
  }
  assertEquals(exposureOf(RULES, file(0o644), US), []);
  assertEquals(exposureOf(RULES, { ...file(0), mode: null }, US), []);
});

Deno.test({
  name:
    "exposures() looks at the configuration, the password's file and the key, as far as others get there",
  ignore: Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/kolikko.toml`;
    const text = (login: string) =>
      `[mqtt]\nurl = "mqtts://192.0.2.5"\nusername = "rig"\n${login}\n` +
      '[[command]]\nname = "a"\nexec = "a"\n';
    const told = async (login: string) => {
      const config = await parseConfig(text(login), { file: path, env: {} });
      const found = await exposures(config);
      return found.map((one) => one.split(" stands in ")[0]);
    };
    try {
      await Deno.chmod(dir, 0o755);
      for (const name of ["kolikko.toml", "password", "key.pem"]) {
        await Deno.writeTextFile(`${dir}/${name}`, "x");
        await Deno.chmod(`${dir}/${name}`, 0o644);
      }
      const inFile = 'password = "s3cret"';
      const beside = 'password_file = "password"\n' +
        'cert_file = "key.pem"\nkey_file = "key.pem"';
      assertEquals(await told(inFile), ["A password or token"]);
      assertEquals(await told(beside), ["The password", "The private key"]);
      assertEquals(await told('password_file = "gone"'), []);
      // No advice to close a folder in which others live.
      assertEquals(await told('password_file = "."'), []);
      // Nobody gets to what lies in a folder that is closed.
      await Deno.chmod(dir, 0o700);
      assertEquals(await told(inFile), []);
      await Deno.chmod(dir, 0o755);
      await Deno.chmod(path, 0o600);
      assertEquals(await told(inFile), []);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});
