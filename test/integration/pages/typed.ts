import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { contents } from '../../../docs/.vitepress/contents.ts';
import { type PageLine, pageLines, shellLines } from '../../docs/page-lines.ts';
import { projectRoot, type Ran } from '../goshawk.ts';

export interface TypedLine extends PageLine {
  /** `goshawk`; a program of the system; or a name that later lines of the system's programs use. */
  readonly kind: 'goshawk' | 'program' | 'name';
}

const program = /^(?:api|cat|cp|curl|echo|jq|openssl|printf|sha256sum|ssh-keygen) /;
const name = /^(?:export )?(?:URL|f|GOSHAWK_TOKEN)=\S+|^api\(\)/;

/** Every page with lines that a reader types, in the order of the table of contents. */
export const typedPages: ReadonlyMap<string, readonly TypedLine[]> = new Map(
  [
    '../README',
    ...contents
      .filter(({ evidence }) => evidence !== true)
      .flatMap(({ pages }) => pages.map(([, page]) => page)),
  ]
    .map((page) => [page.replace('../', ''), typedLines(textOf(page))] as const)
    .filter(([, lines]) => lines.length > 0),
);

/** The function `api` and what it needs, as the page of the API defines them. */
export const apiNames: readonly string[] = (typedPages.get('http-api') ?? [])
  .filter(({ kind }) => kind === 'name')
  .map(({ typed }) => typed);

function typedLines(page: string): TypedLine[] {
  const found: TypedLine[] = pageLines(page).map((line) => ({ ...line, kind: 'goshawk' }));
  const lines = shellLines(page);
  for (let at = 0; at < lines.length; at++) {
    const { line, typed: first, block } = lines[at]!;
    const kind = program.test(first) ? 'program' : name.test(first) ? 'name' : undefined;
    if (kind === undefined) continue;
    let typed = first;
    while (!isWhole(typed) && lines[at + 1]?.block === block) typed += `\n${lines[++at]!.typed}`;
    found.push({ line, typed, kind });
  }
  return found.sort((a, b) => a.line - b.line);
}

/** False where a shell would wait for another line; of a here-document without its end it warns. */
function isWhole(typed: string): boolean {
  const { status, stderr } = spawnSync('bash', ['-nc', typed]);
  return status === 0 && stderr.length === 0;
}

export function textOf(page: string): string {
  return readFileSync(join(projectRoot, 'docs', `${page === 'README' ? '../README' : page}.md`), 'utf8');
}

/** The first block of a page, indented or fenced, that begins with this text; without its indent. */
export function blockOf(page: string, begin: string): string {
  const lines = textOf(page).split('\n');
  const first = lines.findIndex((line) => line.trimStart().startsWith(begin));
  if (first === -1) throw new Error(`${page}.md shows nothing that begins with ${begin}`);
  const indent = /^\s*/.exec(lines[first] ?? '')?.[0] ?? '';
  const after = lines
    .slice(first)
    .findIndex((line) => (line === '' ? false : !line.startsWith(indent)) || line.startsWith('```'));
  const block = lines.slice(first, after === -1 ? undefined : first + after);
  return `${block
    .map((line) => line.slice(indent.length))
    .join('\n')
    .trimEnd()}\n`;
}

/** The exit status that a line states, `# exit status 3`; else 0. */
export function statedStatus(typed: string): number {
  return Number(/# exit status (\d+)/.exec(typed)?.[1] ?? 0);
}

export interface Place {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What is typed when the line asks, on a terminal. */
  readonly asked?: string | undefined;
}

/** Types a line in a shell. `until`: what it says when it works; then it gets Ctrl+C. */
export function type(line: string, { folder, environment, asked }: Place, until?: RegExp): Promise<Ran> {
  const [command = '', ...args] =
    asked === undefined ? ['bash', '-c', line] : ['script', '-qefc', line, '/dev/null'];
  return new Promise((done) => {
    // A group of its own, so that Ctrl+C reaches the program as it does in a terminal.
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, ...environment, HOME: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    if (asked === undefined) child.stdin.end();
    const said = { stdout: '', stderr: '' };
    const answers = asked?.split('\n') ?? [];
    let interrupted = false;
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
        // A question ends with a colon or its choices.
        if (answers.length > 0 && /(?::|\[y\/N\]) ?$/.test(stripVTControlCharacters(text)))
          child.stdin.write(`${answers.shift()}\n`);
        if (until === undefined || interrupted || !until.test(`${said.stdout}${said.stderr}`)) return;
        interrupted = true;
        process.kill(-child.pid!, 'SIGINT');
      });
    // A shell says it so of a program that Ctrl+C ended.
    child.once('close', (code, signal) =>
      done({ code: code ?? (signal === 'SIGINT' ? 130 : null), ...said }),
    );
  });
}
