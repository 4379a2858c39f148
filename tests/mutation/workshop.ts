/** Copies of lib/core/ and of its tests in a folder of their own, where they can be broken. */

import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = ["lib/core", "tests/core"];

/** A file without its types; every character stands where it stood. */
export interface Source {
  /** From the top level, with slashes. */
  readonly path: string;
  readonly code: string;
}

/** The core and its tests as they are. */
export function readSources(): Source[] {
  return COPIED.flatMap((folder) =>
    [...Deno.readDirSync(join(ROOT, folder))]
      .filter(({ name }) => name.endsWith(".ts"))
      .map(({ name }) => `${folder}/${name}`)
      .toSorted()
      .map((path) => ({
        path,
        code: stripTypeScriptTypes(Deno.readTextFileSync(join(ROOT, path))),
      }))
  );
}

/** Does a text parse as a program? */
export function parses(code: string): boolean {
  try {
    stripTypeScriptTypes(code);
    return true;
  } catch {
    return false;
  }
}

/** A folder full of copies; `using` removes it. */
export class Workshop implements Disposable {
  readonly #dir = Deno.makeTempDirSync({ prefix: "kolikko_mutation_" });
  readonly #sources: readonly Source[];
  #count = 0;

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  /**
   * Writes all copies, one of them with other code, into a folder that nobody
   * has imported from; returns the addresses of the tests, those of the changed
   * file first.
   */
  write(changed?: Source): string[] {
    const dir = join(this.#dir, String(this.#count += 1));
    for (const folder of COPIED) {
      Deno.mkdirSync(join(dir, folder), { recursive: true });
    }
    for (const source of this.#sources) {
      const code = source.path === changed?.path ? changed.code : source.code;
      const copy = here({ path: source.path, code });
      Deno.writeTextFileSync(join(dir, asScript(source.path)), copy);
    }
    const own = changed?.path.replace("lib/", "tests/")
      .replace(/\.ts$/, "_test.ts");
    return this.#sources.map(({ path }) => path)
      .filter((path) => path.endsWith("_test.ts"))
      .toSorted((a, b) => Number(b === own) - Number(a === own))
      .map((path) => pathToFileURL(join(dir, asScript(path))).href);
  }

  /** Removes all copies that were written so far. */
  clear(): void {
    for (const { name } of Deno.readDirSync(this.#dir)) {
      Deno.removeSync(join(this.#dir, name), { recursive: true });
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#dir, { recursive: true });
  }
}

function asScript(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

/** Its imports as they must be read from the copy: copies of copied files, all else where it is. */
function here({ path, code }: Source): string {
  return code.replace(/(\bfrom\s+)"([^"]+)"/g, (_all, from, name: string) => {
    if (!name.startsWith(".")) return `${from}"${import.meta.resolve(name)}"`;
    const target = join(dirname(path), name).replaceAll("\\", "/");
    const isCopied = COPIED.includes(dirname(target));
    const address = isCopied
      ? asScript(name)
      : pathToFileURL(join(ROOT, target)).href;
    return `${from}"${address}"`;
  });
}
