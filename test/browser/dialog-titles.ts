import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '..', '..', 'src', 'dashboard');

/** A title as the source writes it; `${...}` stands for any text. */
export interface DialogTitle {
  readonly file: string;
  readonly written: string;
  readonly fits: (shown: string) => boolean;
}

/** Titles of every dialog in the source of the dashboard, those with the most fixed words first. */
export function dialogTitles(): readonly DialogTitle[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.tsx'),
  );
  const titles = files.flatMap((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    return [...source.matchAll(/<(?:Dialog|ActionDialog|ReasonDialog|dialog)\s/g)]
      .map(({ index }) => titleAt(source, index))
      .filter((value) => value !== 'props.title' && value !== 'titleId')
      .flatMap((value) => {
        const written =
          value === 'title'
            ? [...source.matchAll(/\btitle: (`[^`]*`)/g)].map(([, one]) => one!)
            : textsIn(value);
        if (written.length === 0) throw new Error(`Cannot read the title ${value} in ${file}.`);
        return written.map((text) => titleOf(file, text.slice(1, -1)));
      });
  });
  return titles.sort((a, b) => fixedLength(b.written) - fixedLength(a.written));
}

/** The value of `title` or `aria-label` of the element that begins there: a string, or what is within the braces. */
function titleAt(source: string, at: number): string {
  const name = /\b(?:title|aria-label|aria-labelledby)=/g;
  name.lastIndex = at;
  if (name.exec(source) === null) throw new Error(`A dialog without a title: ${source.slice(at, at + 80)}`);
  const from = name.lastIndex;
  if (source[from] === '"') return source.slice(from, source.indexOf('"', from + 1) + 1);
  let depth = 0;
  for (let to = from; to < source.length; to += 1) {
    if (source[to] === '{') depth += 1;
    if (source[to] === '}') depth -= 1;
    if (depth === 0) return source.slice(from + 1, to);
  }
  throw new Error(`A brace is not closed: ${source.slice(at, at + 80)}`);
}

const textsIn = (value: string) => value.match(/"[^"]*"|'[^']*'|`[^`]*`/g) ?? [];

const hole = /\$\{[^}]*\}/;
const fixedLength = (written: string) => written.split(hole).join('').length;

function titleOf(file: string, written: string): DialogTitle {
  const parts = written.split(hole).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.+')}$`);
  return { file, written, fits: (shown) => pattern.test(shown) };
}
