/** SensorFiles: what the readers below /sys need of a file system. */

/** Why a file gave nothing: no such file, not for this user, closed by Deno, or the device did not answer. */
export type Unread = "missing" | "denied" | "closed" | "failed";

/** A text, or why there is none. */
export type Read =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: Unread };

/** Never rejects. */
export interface SensorFiles {
  /** Names in a folder; empty if it is missing. */
  list(path: string): Promise<readonly string[] | "closed">;
  /** A small file, trimmed. */
  read(path: string): Promise<Read>;
  /** The last part of where a link points. */
  link(path: string): Promise<string | undefined>;
}

/** Far more than a sensor's file holds. */
const BYTES_MAX = 4_096;

/** The machine's own files. */
export const systemFiles: SensorFiles = {
  async list(path: string) {
    const names: string[] = [];
    try {
      for await (const { name } of Deno.readDir(path)) names.push(name);
    } catch (error) {
      if (unread(error) === "closed") return "closed";
    }
    return names.sort();
  },
  async read(path: string): Promise<Read> {
    try {
      using file = await Deno.open(path);
      const buffer = new Uint8Array(BYTES_MAX);
      const count = await file.read(buffer) ?? 0;
      const text = new TextDecoder().decode(buffer.subarray(0, count));
      return { kind: "text", text: text.trim() };
    } catch (error) {
      return { kind: unread(error) };
    }
  },
  async link(path: string) {
    try {
      const target = await Deno.readLink(path);
      return target.split("/").findLast((part) => part !== "");
    } catch {
      return undefined;
    }
  },
};

/** A device that has gone, or hangs, fails with codes that have no class of their own. */
function unread(error: unknown): Unread {
  if (error instanceof Deno.errors.NotCapable) return "closed";
  if (error instanceof Deno.errors.NotFound) return "missing";
  return error instanceof Deno.errors.PermissionDenied ? "denied" : "failed";
}

/** The number in a file; undefined if there is none. */
export async function readNumber(
  files: SensorFiles,
  path: string,
): Promise<number | undefined> {
  const found = await files.read(path);
  if (found.kind !== "text" || !/^-?\d{1,18}$/.test(found.text)) {
    return undefined;
  }
  return Number(found.text);
}

/** The text of a file; undefined if there is none. */
export async function readText(
  files: SensorFiles,
  path: string,
): Promise<string | undefined> {
  const found = await files.read(path);
  return found.kind === "text" && found.text !== "" ? found.text : undefined;
}
