/** How complaints show what stands in the configuration. */

const QUOTED_LENGTH_MAX = 80;

/** A text in double quotes, cut to a readable length, fit for any terminal. */
export function quoted(text: string): string {
  const cut = text.length > QUOTED_LENGTH_MAX
    ? `${text.slice(0, QUOTED_LENGTH_MAX)}…`
    : text;
  // JSON leaves these as they are; a terminal may obey them.
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u2028-\u202e]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The kind of a value alone, for values that may be secret. */
export function kindOf(value: unknown): string {
  if (value instanceof Date) return "a date or time";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "string":
      return "a text";
    case "number":
    case "bigint":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "a table";
  }
}

/** A value as a complaint shows it. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return kindOf(value);
  }
}

/** Is it a table that can be walked key by key? */
export function isTable(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null &&
    !Array.isArray(input) && !(input instanceof Date);
}
