// The texts that a person reads in a file of TypeScript: strings, templates and JSX of two words or more.
import { transformSync } from 'esbuild';
import { parseAst } from 'vite';

/** Names of classes, selectors, paths and types are no sentences. */
const isSentence = (text) =>
  /[A-Za-z]+ [a-z]/.test(text) && !/[{}<>=]|^[a-z-]+( [a-z]+-[a-z-]+)+$/.test(text);

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

/** Each text on one line, and the line of the file where it begins. */
export function textsOf(code, loader) {
  const { code: plain } = transformSync(code, {
    loader,
    jsx: 'automatic',
    charset: 'utf8',
    target: 'es2023',
  });
  const flat = code.replace(/\s/g, ' ');
  return [...strings(parseAst(plain).body)].filter(isSentence).map((text) => {
    const at = flat.indexOf(text.split('…')[0]?.slice(0, 24) || text.slice(0, 12));
    return {
      text: text.replace(/\s+/g, ' ').trim(),
      line: code.slice(0, Math.max(at, 0)).split('\n').length,
    };
  });
}
