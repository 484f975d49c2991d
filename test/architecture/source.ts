/** A text of a TypeScript or C++ file, taken apart as far as these tests need it. */
export interface Source {
  /** Line by line as in the file, with comments and what stands inside of strings made blank. */
  readonly code: string;
  readonly strings: readonly StringLiteral[];
}

export interface StringLiteral {
  readonly text: string;
  /** Where the opening quote stands in the code. */
  readonly at: number;
}

/** After these a slash begins a regular expression; after anything else it divides. */
const beforeRegex =
  /(?:^|[(,=:[&|?{};+\-*%<>~^]|(?<![\w\])])!|\b(?:return|typeof|case|in|of|yield|await))\s*$/;

/** One pass over the text. A quote that does not end on its line is none: it is an apostrophe in JSX. */
export function readSource(text: string): Source {
  const code = text.split('');
  const strings: StringLiteral[] = [];
  const blank = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (text[at] !== '\n') code[at] = ' ';
  };
  /** For every template that is open: how many braces of its `${` are. */
  const braces: number[] = [];

  /** From behind a backtick, or behind the brace that closes `${}`, to the next `${` or backtick. */
  const readTemplate = (from: number): number => {
    let at = from;
    while (at < text.length && text[at] !== '`' && !text.startsWith('${', at))
      at += text[at] === '\\' ? 2 : 1;
    blank(from, at);
    if (text[at] !== '`') {
      braces.push(0);
      return at + 2;
    }
    if (text[from - 1] === '`') strings.push({ text: text.slice(from, at), at: from - 1 });
    return at + 1;
  };

  const readQuoted = (from: number, quote: string): number => {
    let at = from + 1;
    while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
    if (text[at] !== quote) return from + 1;
    strings.push({ text: text.slice(from + 1, at), at: from });
    blank(from + 1, at);
    return at + 1;
  };

  const readRegex = (from: number): number => {
    let inClass = false;
    for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
      if (text[at] === '\\') at++;
      else if (text[at] === '[') inClass = true;
      else if (text[at] === ']') inClass = false;
      else if (text[at] === '/' && !inClass) {
        blank(from + 1, at);
        return at + 1;
      }
    }
    return from + 1;
  };

  const end = (found: number, length: number) => (found < 0 ? text.length : found + length);
  let at = 0;
  while (at < text.length) {
    const here = text[at] ?? '';
    const open = braces.at(-1);
    if (text.startsWith('//', at) || text.startsWith('/*', at)) {
      const to = text[at + 1] === '/' ? end(text.indexOf('\n', at), 0) : end(text.indexOf('*/', at + 2), 2);
      blank(at, to);
      at = to;
    } else if (here === "'" || here === '"') at = readQuoted(at, here);
    else if (here === '`') at = readTemplate(at + 1);
    else if (here === '/' && beforeRegex.test(code.slice(Math.max(0, at - 20), at).join('')))
      at = readRegex(at);
    else if (here === '{' && open !== undefined) {
      braces[braces.length - 1] = open + 1;
      at++;
    } else if (here === '}' && open !== undefined) {
      if (open === 0) {
        braces.pop();
        at = readTemplate(at + 1);
      } else {
        braces[braces.length - 1] = open - 1;
        at++;
      }
    } else at++;
  }
  return { code: code.join(''), strings };
}
