import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformSync } from 'esbuild';
import { parseAst } from 'vite';

/** One place in the source that makes an error with a code. */
export interface ErrorSite {
  readonly code: string;
  /** Class that is made; `cause` where an error from elsewhere gets the code. */
  readonly family: string;
  /** As written, with an ellipsis for what is filled in; undefined where it is the cause's own. */
  readonly message: string | undefined;
  /** Empty where there is none. */
  readonly remedy: string;
  /** Folder relative to the root. */
  readonly room: string;
}

/** A node of ESTree, as far as it is looked at here. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const families = /^(Goshawk|Input|Missing|Refused|Limit|Internal)Error$/;
const codePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Every site below `root`: src, device and native. */
export function errorSites(root: string): readonly ErrorSite[] {
  return ['src', 'device', 'native']
    .flatMap((folder) => sourceFiles(join(root, folder)))
    .flatMap((file) => {
      const room = dirname(relative(root, file));
      return sitesOf(readFileSync(file, 'utf8'), file).map((site) => ({ ...site, room }));
    });
}

/** Every text that stands in the code of a folder, each piece of one that is put together. */
export function textsOfCode(folder: string): readonly string[] {
  return sourceFiles(folder).flatMap((file) => {
    const code = transformSync(readFileSync(file, 'utf8'), { loader: 'ts', target: 'es2022' }).code;
    return [...walk(parseAst(code) as unknown as Node)].flatMap(({ type, value }) => {
      if (type === 'Literal') return typeof value === 'string' ? [value] : [];
      return type === 'TemplateElement' ? [(value as { cooked: string }).cooked] : [];
    });
  });
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'build'].includes(entry.name) ? [] : sourceFiles(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function sitesOf(source: string, file: string): Omit<ErrorSite, 'room'>[] {
  const loader = file.endsWith('.tsx') ? 'tsx' : 'ts';
  const tree = parseAst(transformSync(source, { loader, target: 'es2022', jsx: 'automatic' }).code);
  const constants = new Map<string, Node>();
  const nodes = [...walk(tree as unknown as Node)];
  for (const { type, id, init } of nodes)
    if (type === 'VariableDeclarator' && isNode(id) && isNode(init)) constants.set(String(id.name), init);
  const texts = (node: unknown): string[] => {
    if (!isNode(node)) return [];
    if (node.type === 'Identifier') {
      const known = constants.get(String(node.name));
      return known === undefined || known.type === 'Identifier' ? [] : texts(known);
    }
    if (node.type === 'Literal') return typeof node.value === 'string' ? [node.value] : [];
    if (node.type === 'ConditionalExpression') return [...texts(node.consequent), ...texts(node.alternate)];
    if (node.type === 'TemplateLiteral') {
      const filled = list(node.expressions).map((one) => installation(one) ?? '…');
      return [
        list(node.quasis)
          .map(({ value }, at) => `${(value as { cooked: string }).cooked}${filled[at] ?? ''}`)
          .join(''),
      ];
    }
    return [installation(node) ?? []].flat();
  };
  // How that is done is said in the words of the place: src/base/place.ts.
  const installation = ({ type, callee, arguments: given }: Node): string | undefined =>
    type === 'CallExpression' && isNode(callee) && callee.name === 'installRemedy'
      ? `Install ${texts(list(given)[0]).join() || '…'}.`
      : undefined;
  const sites: Omit<ErrorSite, 'room'>[] = [];
  const add = (family: string, codes: readonly string[], message: string | undefined, remedy: string) => {
    for (const code of codes) if (codePattern.test(code)) sites.push({ family, code, message, remedy });
  };
  const words = (node: unknown) => texts(node).join(' / ');
  for (const node of nodes) {
    const args = list(node.arguments);
    const called = isNode(node.callee) ? String(node.callee.name) : '';
    if (node.type === 'NewExpression' && families.test(called))
      add(
        called,
        texts(args[0]),
        words(args[1]) || '…',
        args[2] === undefined ? '' : words(args[2]) || remedyOf(args[2]),
      );
    if (node.type === 'CallExpression' && called === 'asGoshawkError')
      add('cause', texts(args[1]), undefined, words(args[2]));
    // A table of codes: { 'code': [Family, remedy] }.
    const [first, second] =
      isNode(node.value) && node.value.type === 'ArrayExpression' ? list(node.value.elements) : [];
    if (node.type === 'Property' && first?.type === 'Identifier' && families.test(String(first.name)))
      add(String(first.name), texts(node.key), undefined, words(second));
  }
  return sites;
}

/** A remedy that is put together elsewhere is one; an empty text is none. */
function remedyOf(node: Node): string {
  return node.type === 'Literal' && node.value === '' ? '' : '(with the message)';
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const one of value) if (isNode(one)) yield* walk(one);
    if (isNode(value)) yield* walk(value);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}
