/** A disk in memory that can be full, read-only, or fail at one thing. */

import type { Files } from "../../lib/service/files.ts";

export class FakeFiles implements Files {
  readonly contents = new Map<string, Uint8Array>();
  /** A file that is written gets so many bytes, then the disk is full. */
  freeBytes = Infinity;
  /** Each operation named here fails with its error. */
  readonly faults: { [Name in keyof Files]?: Error } = {};
  writes = 0;

  read(path: string, maxBytes: number): Promise<Uint8Array> {
    return this.#try("read", () => {
      const bytes = this.contents.get(path);
      if (bytes === undefined) throw new Deno.errors.NotFound(path);
      return bytes.slice(0, maxBytes);
    });
  }

  writeNew(path: string, bytes: Uint8Array): Promise<void> {
    return this.#try("writeNew", () => {
      if (this.contents.has(path)) throw new Deno.errors.AlreadyExists(path);
      this.writes += 1;
      this.contents.set(path, bytes.slice(0, this.freeBytes));
      if (bytes.length > this.freeBytes) {
        throw new Error("No space left on device (os error 28)");
      }
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#try("rename", () => {
      const bytes = this.contents.get(from);
      if (bytes === undefined) throw new Deno.errors.NotFound(from);
      this.contents.delete(from);
      this.contents.set(to, bytes);
    });
  }

  remove(path: string): Promise<void> {
    return this.#try("remove", () => {
      if (!this.contents.delete(path)) throw new Deno.errors.NotFound(path);
    });
  }

  list(dir: string): Promise<string[]> {
    return this.#try(
      "list",
      () =>
        [...this.contents.keys()].filter((path) => path.startsWith(dir))
          .map((path) => path.slice(dir.length)),
    );
  }

  syncDir(_dir: string): Promise<void> {
    return this.#try("syncDir", () => {});
  }

  async #try<T>(name: keyof Files, work: () => T): Promise<T> {
    await Promise.resolve();
    const fault = this.faults[name];
    if (fault !== undefined) throw fault;
    return work();
  }
}
