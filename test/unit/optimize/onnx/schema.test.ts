import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type MessageSpec, modelSpec } from '../../../../src/optimize/onnx/schema.ts';

/** Debian's python3-onnx brings ONNX's own schema. */
const official = '/usr/lib/python3/dist-packages/onnx/onnx.proto';

function allMessages(spec: MessageSpec, found = new Map<string, MessageSpec>()): Map<string, MessageSpec> {
  if (found.has(spec.name)) return found;
  found.set(spec.name, spec);
  for (const { kind } of spec.fields) if (typeof kind === 'object') allMessages(kind, found);
  return found;
}

/** Body of `message Name { ... }` without the messages nested in it. */
function bodyOf(text: string, name: string): string {
  const start = text.search(new RegExp(`message ${name} \\{`));
  let depth = 0;
  let body = '';
  for (let i = text.indexOf('{', start); i < text.length; i += 1) {
    if (text[i] === '{') depth += 1;
    else if (text[i] === '}') depth -= 1;
    else if (depth === 1 || (depth === 2 && /oneof value \{[^}]*$/.test(text.slice(start, i))))
      body += text[i];
    if (depth === 0) break;
  }
  return body;
}

describe('the ONNX schema', () => {
  it.skipIf(!existsSync(official))(
    "has the field numbers of ONNX's own onnx.proto (skipped without python3-onnx)",
    () => {
      const text = readFileSync(official, 'utf8').replace(/\/\/.*$/gm, '');
      for (const [name, spec] of allMessages(modelSpec)) {
        const body = bodyOf(text, name);
        for (const { name: field, no } of spec.fields) {
          const snake = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
          expect(body, `${name}.${snake}`).toMatch(new RegExp(`\\b${snake}\\s*=\\s*${no}\\b`));
        }
      }
    },
  );
});
