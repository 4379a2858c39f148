/** JSON as miners write it: one bad value must not hide all others. */

/**
 * Strings, brackets, commas too many, what is no number in JSON, and numbers. A
 * string without an end is one up to the end of the text, so that nothing is
 * looked at twice.
 */
const TOKEN =
  /"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|[{}[\]]|,(?=\s*[}\]])|[+-]?(?:nan|inf(?:inity)?)\b|-?\d[\w.+-]*/gis;

/**
 * The first whole value of the text, with `null` for what is no number, without
 * leading zeros, commas too many and control characters in strings, and without
 * what stands behind its end. The text as it is if it is cut off.
 */
export function repairJson(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  let repaired = "";
  let from = 0;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    repaired += text.slice(from, index) + mended(token);
    from = index + token.length;
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (depth === 0) return repaired;
  }
  return text;
}

function mended(token: string): string {
  if (token === ",") return "";
  // deno-lint-ignore no-control-regex
  if (token.startsWith('"')) return token.replace(/[\0-\x1f]/g, " ");
  if (/^[+-]?[ni]/i.test(token)) return "null";
  return token.replace(/^(-?)0+(?=\d)/, "$1");
}
