// The texts that a person reads in a file of TypeScript: strings, templates and JSX of two words or more.
import { transformSync } from 'esbuild';
import { parseAst } from 'vite';

/** Code in backticks and placeholders such as `<name>` are parts of a sentence. */
const withoutCode = (text) => text.replace(/`[^`]*`|<[a-z][a-z |-]*>/g, '');

/** Names of classes, selectors, paths, types, markup, code and SQL are no sentences. */
const isSentence = (text) =>
  /[A-Za-z]+ [a-z]/.test(text) &&
  !/[{}<>]|\s=|=["']|^[a-z-]+( [a-z]+-[a-z-]+)+$|\b(SELECT|INSERT|UPDATE|DELETE|CREATE|WHERE)\b/.test(
    withoutCode(text),
  );

function* strings(node) {
  if (Array.isArray(node)) for (const one of node) yield* strings(one);
  else if (node !== null && typeof node === 'object') {
    if (node.type === 'ImportDeclaration') return;
    // The name of a class is one that styles have.
    if (node.type === 'Property' && ['class', 'className', 'd', 'style'].includes(node.key?.name)) return;
    if (node.type === 'Literal' && typeof node.value === 'string') yield node.value;
    else if (node.type === 'TemplateLiteral') yield node.quasis.map(({ value }) => value.cooked).join('…');
    for (const value of Object.values(node)) if (typeof value === 'object') yield* strings(value);
  }
}

/** The longest piece of a text that is in the file as it is: without values and what is escaped. */
const piece = (text) =>
  text.split(/…|['"`\\\n]/).reduce((longest, part) => (part.length > longest.length ? part : longest), '');

/** Each text on one line, and the line of the file where its longest piece is. */
export function textsOf(code, loader) {
  const { code: plain } = transformSync(code, {
    loader,
    jsx: 'automatic',
    charset: 'utf8',
    target: 'es2023',
  });
  let from = 0;
  return [...strings(parseAst(plain).body)].filter(isSentence).map((text) => {
    const at = placeOf(piece(text), code, from);
    from = Math.max(from, at);
    return { text: text.replace(/\s+/g, ' ').trim(), line: code.slice(0, at).split('\n').length };
  });
}

/** A long text may be two strings with a plus between them: then its first words have to do. */
function placeOf(words, code, from) {
  for (const length of [32, 16, 8]) {
    const start = words.slice(0, length);
    const after = code.indexOf(start, from);
    const at = after < 0 ? code.indexOf(start) : after;
    if (at >= 0) return at;
  }
  return 0;
}
