import { type Document, isMap, isNode, isPair, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { readYaml } from './read-yaml.ts';

/** A file of settings, YAML 1.2 or JSON, with the place of each setting in it. */
export interface PlacedYaml {
  readonly value: unknown;
  /** `line:column` of a setting, as `cameras.front.fps`; of what holds it where the setting itself is absent. */
  placeOf(path: string): string | undefined;
  /** The text with these top-level settings changed, undefined: taken out; JSON stays JSON, YAML keeps its comments. */
  with(changes: Readonly<Record<string, unknown>>): string;
}

/** InputErrors as of `readYaml`. */
export function readPlacedYaml(text: string, where?: string): PlacedYaml {
  const value = readYaml(text, where);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return {
    value,
    placeOf(path) {
      const offset = offsetOf(document, path === '' ? [] : path.split('.'));
      if (offset === undefined) return undefined;
      const { line, col } = lines.linePos(offset);
      return `${line}:${col}`;
    },
    with(changes) {
      if (isJson(text)) return `${JSON.stringify(changed(value, changes), undefined, 2)}\n`;
      for (const [key, next] of Object.entries(changes))
        if (next === undefined) document.delete(key);
        else document.set(key, next);
      return document.toString({ lineWidth: 0 });
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function changed(value: unknown, changes: Readonly<Record<string, unknown>>): unknown {
  // What is undefined has no place in JSON.
  return { ...(value as object), ...changes };
}

/** Where the deepest part of the path begins that the document has. */
function offsetOf(document: Document, keys: readonly string[]): number | undefined {
  let at: unknown = document.contents;
  let offset = isNode(at) ? at.range?.[0] : undefined;
  for (const key of keys) {
    const next = isSeq(at)
      ? { value: at.items[Number(key)], begin: at.items[Number(key)] }
      : childOf(at, key);
    if (next === undefined || !isNode(next.begin)) return offset;
    offset = next.begin.range?.[0] ?? offset;
    at = next.value;
  }
  return offset;
}

function childOf(node: unknown, key: string) {
  if (!isMap(node)) return undefined;
  const pair = (node as YAMLMap).items.find((one) => isPair(one) && String(one.key) === key);
  return pair === undefined ? undefined : { value: pair.value, begin: pair.key };
}
