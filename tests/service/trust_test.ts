import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  aboveDoubt,
  type Facts,
  fileDoubt,
  folderDoubt,
} from "../../lib/service/trust.ts";

const OWN = 4242;
const OTHER = 4243;

function file(but: Partial<Facts> = {}): Facts {
  return {
    isFile: true,
    isDirectory: false,
    isSymlink: false,
    uid: OWN,
    mode: 0o100600,
    nlink: 1,
    ...but,
  };
}

function folder(but: Partial<Facts> = {}): Facts {
  const mode = 0o40700;
  return file({ isFile: false, isDirectory: true, mode, nlink: 2, ...but });
}

const WRITABLE = (path: string, mode: string, mend: string) =>
  `"${path}" can be written by others (mode ${mode}), who may have forged what it tells: ${mend}`;

Deno.test("fileDoubt() believes what is ours or root's alone, and where no owner is known", () => {
  assertEquals(fileDoubt("/s/f", file(), OWN), undefined);
  assertEquals(fileDoubt("/s/f", file({ uid: 0 }), OWN), undefined);
  assertEquals(fileDoubt("/s/f", file({ mode: 0o100644 }), OWN), undefined);
  const windows = file({ uid: null, mode: 0o100666, nlink: null });
  assertEquals(fileDoubt("C:\\s\\f", windows, null), undefined);
});

Deno.test("fileDoubt() says what is wrong, whose it is, and how to mend it", () => {
  const said: readonly (readonly [Partial<Facts>, string])[] = [
    [
      { isSymlink: true, isFile: false },
      `"/s/f" is a symbolic link: look at it, and remove it: rm '/s/f'`,
    ],
    [
      { isFile: false },
      `"/s/f" is no file: look at it, and remove it: rm '/s/f'`,
    ],
    [
      { nlink: 2 },
      `"/s/f" has a second name: look at it, and remove it: rm '/s/f'`,
    ],
    [
      { uid: OTHER },
      `"/s/f" belongs to user ${OTHER} and not to user ${OWN}: rm '/s/f'`,
    ],
    [{ mode: 0o100620 }, WRITABLE("/s/f", "620", "chmod 600 '/s/f'")],
    [{ mode: 0o100602 }, WRITABLE("/s/f", "602", "chmod 600 '/s/f'")],
  ];
  for (const [but, words] of said) {
    assertEquals(fileDoubt("/s/f", file(but), OWN), words);
  }
});

Deno.test("folderDoubt() wants a folder that nobody else can write", () => {
  assertEquals(folderDoubt("/s", folder({ mode: 0o40755 }), OWN), undefined);
  assertEquals(
    folderDoubt("/s", folder({ mode: 0o40775 }), OWN),
    WRITABLE("/s", "775", "chmod go-w '/s'"),
  );
  assertEquals(
    folderDoubt("/s", folder({ mode: 0o41777 }), OWN),
    WRITABLE("/s", "1777", "chmod go-w '/s'"),
  );
  assertStringIncludes(
    folderDoubt("/s", folder({ uid: OTHER }), OWN) ?? "",
    `chown ${OWN} '/s'`,
  );
  assertEquals(folderDoubt("/s", file(), OWN), `"/s" is no folder`);
});

Deno.test("aboveDoubt() minds who could put another folder in the place of ours", () => {
  assertEquals(
    aboveDoubt("/", folder({ uid: 0, mode: 0o40755 }), OWN),
    undefined,
  );
  assertEquals(
    aboveDoubt("/tmp", folder({ uid: 0, mode: 0o41777 }), OWN),
    undefined,
  );
  // A user's own group is often his alone.
  assertEquals(aboveDoubt("/h", folder({ mode: 0o40775 }), OWN), undefined);
  assertEquals(
    aboveDoubt("/h", folder({ mode: 0o40777 }), OWN),
    `"/h" can be written by everybody: chmod o-w '/h'`,
  );
  assertEquals(
    aboveDoubt("/h", folder({ uid: OTHER }), OWN),
    `"/h" belongs to user ${OTHER} and not to user ${OWN}`,
  );
});
