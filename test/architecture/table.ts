import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.ts';

/** One row of a table in docs/architecture.md: what stands there is the rule, and these tests read it there. */
export interface Room {
  /** `base`, `adapters`, `native`; of C++ the folder below native or native/src: `core`, `plugins`. */
  readonly name: string;
  readonly level: number;
  readonly knows: string;
  readonly imports: readonly string[];
  /** Packages, or headers that are not ours. */
  readonly outside: readonly string[];
  /** Has its row before it has files. */
  readonly reserved: boolean;
}

export interface Table {
  /** Levels 0 to 2 without Node. */
  readonly pure: readonly Room[];
  /** The other rooms of TypeScript. */
  readonly impure: readonly Room[];
  readonly cpp: readonly Room[];
}

export function readTable(page = readFileSync(join(projectRoot, 'docs/architecture.md'), 'utf8')): Table {
  return {
    pure: rowsUnder('### Pure rooms', page),
    impure: rowsUnder('### Rooms that touch the world', page),
    cpp: rowsUnder('### C++', page),
  };
}

function rowsUnder(heading: string, page: string): Room[] {
  const section = page.split(`\n${heading}\n`)[1]?.split(/\n#/)[0];
  if (section === undefined) throw new Error(`docs/architecture.md has no section "${heading}"`);
  const rows = section.split('\n').filter((line) => /^\| \d/.test(line));
  return rows.map((row) => {
    const [, level = '', name = '', knows = '', imports = '', outside = ''] = row
      .split('|')
      .map((cell) => cell.trim());
    return {
      name: plain(name)
        .replace(/^(native\/src|native|src)\//, '')
        .replace(/\/\*$/, ''),
      level: Number(level),
      knows,
      imports: list(imports),
      outside: list(outside),
      reserved: name.includes('(reserved)'),
    };
  });
}

const plain = (cell: string) => cell.replaceAll('`', '').replace(/\s*\([^)]*\)/g, '');

/** `base, model`; a dash for nothing; what stands in brackets is for the reader. */
function list(cell: string): readonly string[] {
  const text = plain(cell);
  return text === '-' || text === '' ? [] : text.split(',').map((name) => name.trim().replace(/\/\*$/, ''));
}
