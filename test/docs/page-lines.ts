/** A line of a page that a person types, and where it is. */
export interface PageLine {
  readonly line: number;
  /** `goshawk` and what follows, up to what a shell does not hand to it. */
  readonly typed: string;
}

const prefix = /^(?:\$ )?(?:sudo |timeout \S+ |[A-Z_]+=(?:'[^']*'|\S*) )*(goshawk(?: .*)?)$/;

/** A line of a block that a reader types, whatever program it is for. */
export interface ShellLine {
  readonly line: number;
  readonly typed: string;
  /** Of the section that it is in, without the marks. */
  readonly heading: string;
  /** The block as it is printed, without its indent: lines of one block have the same. */
  readonly block: string;
}

/** Lines of fenced and indented blocks; one that ends with `\` goes on in the next. */
export function shellLines(page: string): ShellLine[] {
  const found: { line: number; typed: string; heading: string; at: number }[] = [];
  const blocks: string[][] = [];
  const lines = page.split('\n');
  let fence: string | undefined;
  let heading = '';
  let inBlock = false;
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at] ?? '';
    const mark = /^\s*```(\w*)/.exec(text);
    if (mark !== null) {
      fence = fence === undefined ? mark[1] : undefined;
      inBlock = false;
      continue;
    }
    heading = (fence === undefined ? /^#+ (.*)/.exec(text)?.[1] : undefined) ?? heading;
    const isTyped = fence === undefined ? /^ {4,}\S/.test(text) : /^(?:sh|bash|console)$/.test(fence);
    if (!isTyped) {
      inBlock = false;
      continue;
    }
    if (!inBlock) blocks.push([]);
    inBlock = true;
    const line = at + 1;
    blocks.at(-1)?.push(text.trim());
    let typed = text.trim();
    while (typed.endsWith('\\')) {
      const next = (lines[++at] ?? '').trim();
      blocks.at(-1)?.push(next);
      typed = `${typed.slice(0, -1)}${next}`;
    }
    found.push({ line, typed, heading, at: blocks.length - 1 });
  }
  return found.map(({ at, ...one }) => ({ ...one, block: (blocks[at] ?? []).join('\n') }));
}

/** Those that begin with `goshawk`, under any user. */
export function pageLines(page: string): PageLine[] {
  return shellLines(page).flatMap(({ line, typed }) => {
    const [, command] = prefix.exec(typed) ?? [];
    return command === undefined ? [] : [{ line, typed: command }];
  });
}

/** The words of a line as a shell hands them over: quotes are taken off, comments, pipes and redirections left out. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [, single, double, plain, end] of line.matchAll(
    /'([^']*)'|"([^"]*)"|((?:[^\s'"|;&<>#]|(?<=\S)#)+)|(\s#.*|[|;&<>].*)/g,
  )) {
    if (end !== undefined) break;
    words.push(single ?? double ?? plain ?? '');
  }
  return words;
}
