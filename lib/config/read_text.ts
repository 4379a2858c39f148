/** Reads the configuration's text, or says in words why it cannot. */
import { wordsOf } from "../core/words.ts";

/** A configuration is some kilobytes; anything far beyond is another file. */
const FILE_BYTES_MAX = 1024 * 1024;

/** One of the two. */
export type ReadText =
  | { readonly text: string; readonly fault?: undefined }
  | { readonly text?: undefined; readonly fault: string };

/** The text of a file in UTF-8. */
export async function readText(file: string): Promise<ReadText> {
  let bytes: Uint8Array;
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile) {
      return {
        fault: `Cannot read "${file}" as it is not a file; name a file`,
      };
    }
    if (size > FILE_BYTES_MAX) {
      return {
        fault: `Cannot read "${file}" as it has ${size} bytes, ` +
          `${FILE_BYTES_MAX} at most are read; name the right file`,
      };
    }
    bytes = await Deno.readFile(file);
  } catch (error) {
    return { fault: `Cannot read "${file}" as ${reasonOf(error)}` };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return {
      fault: `Cannot read "${file}" as it is not UTF-8; ` +
        "save it with the encoding UTF-8 in your editor",
    };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return "there is no such file; copy kolikko.toml.example there and edit it";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the operating system denies it; " +
      "give the user that runs the controller the right to read it";
  }
  if (error instanceof Deno.errors.NotCapable) {
    return "the permission to read files is missing; run it (or compile it) " +
      'with --allow-read, and see "Permissions" in README.md';
  }
  return wordsOf(error);
}
