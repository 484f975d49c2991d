/** A line of a page that a person types, and where it is. */
export interface PageLine {
  readonly line: number;
  /** `goshawk` and what follows, up to what a shell does not hand to it. */
  readonly typed: string;
}

const prefix = /^(?:\$ )?(?:sudo |timeout \S+ |[A-Z_]+=(?:'[^']*'|\S*) )*(goshawk(?: .*)?)$/;

/** Lines of fenced and indented blocks that begin with `goshawk`; one that ends with `\` goes on in the next. */
export function pageLines(page: string): PageLine[] {
  const found: PageLine[] = [];
  const lines = page.split('\n');
  let fence: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const mark = /^\s*```(\w*)/.exec(lines[at] ?? '');
    if (mark !== null) {
      fence = fence === undefined ? mark[1] : undefined;
      continue;
    }
    const typed =
      fence === undefined ? /^ {4,}\S/.test(lines[at] ?? '') : /^(?:sh|bash|console)$/.test(fence);
    if (!typed) continue;
    const line = at + 1;
    let text = (lines[at] ?? '').trim();
    while (text.endsWith('\\')) text = `${text.slice(0, -1)}${(lines[++at] ?? '').trim()}`;
    const [, command] = prefix.exec(text) ?? [];
    if (command !== undefined) found.push({ line, typed: command });
  }
  return found;
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
