/** Where a key stands in the file; needed only when something is wrong. */

import type { AST } from "toml-eslint-parser";
import type { Path } from "./schema.ts";

/** The line of a key; of its table if the key is not there. */
export type Line = (path: Path) => number | undefined;

/**
 * Reads the lines of all keys. The text must be TOML already.
 * The parser is loaded here and not at the start: most runs never need it.
 */
export async function findLines(text: string): Promise<Line> {
  const { parseTOML } = await import("toml-eslint-parser");
  const lines = new Map<string, number>();
  try {
    const [top] = parseTOML(text, { tomlVersion: "1.1" }).body;
    addNodes(top.body, [], lines);
  } catch {
    // The two parsers may disagree on odd files. A complaint without its line
    // is worth more than a crash on the way to it.
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

type Lines = Map<string, number>;

function add(path: Path, line: number, lines: Lines): void {
  const key = JSON.stringify(path);
  if (!lines.has(key)) lines.set(key, line);
}

function addNodes(
  nodes: readonly (AST.TOMLKeyValue | AST.TOMLTable)[],
  base: Path,
  lines: Lines,
): void {
  for (const node of nodes) {
    const line = node.loc.start.line;
    if (node.type === "TOMLTable") {
      addParents(node.resolvedKey, 0, line, lines);
      addNodes(node.body, node.resolvedKey, lines);
      continue;
    }
    const names = node.key.keys.map((key) =>
      key.type === "TOMLBare" ? key.name : key.value
    );
    const path = [...base, ...names];
    addParents(path, base.length, line, lines);
    addValue(node.value, path, lines);
  }
}

/** `a.b.c = 1` makes `a` and `a.b` as well. */
function addParents(path: Path, from: number, line: number, lines: Lines) {
  for (let length = from + 1; length <= path.length; length++) {
    add(path.slice(0, length), line, lines);
  }
}

function addValue(node: AST.TOMLContentNode, path: Path, lines: Lines): void {
  if (node.type === "TOMLInlineTable") addNodes(node.body, path, lines);
  if (node.type !== "TOMLArray") return;
  node.elements.forEach((element, index) => {
    const elementPath = [...path, index];
    add(elementPath, element.loc.start.line, lines);
    addValue(element, elementPath, lines);
  });
}
