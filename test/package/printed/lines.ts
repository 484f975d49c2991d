import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ShellLine, shellLines } from '../../docs/page-lines.ts';
import { projectRoot } from '../debian.ts';
import { leftOut } from './left-out.ts';

/* What a reader types of docs/quick-starts.md, as the page prints it now. */

export interface PrintedLine {
  readonly page: string;
  readonly heading: string;
  readonly line: number;
  readonly typed: string;
  /** Why no clean system types it. */
  readonly leftOut?: string;
  /** The line opens an editor: what the page shows for the file. */
  readonly writes?: { readonly file: string; readonly text: string };
}

const textOf = (page: string) => readFileSync(join(projectRoot, 'docs', `${page}.md`), 'utf8');
const isText = ({ block }: ShellLine) => /^[{"]/.test(block);

/** The lines of a page in their order. A block that is the text of a file belongs to the line that opens it. */
export function printedLines(page: string): PrintedLine[] {
  const all = shellLines(textOf(page));
  return all.flatMap((one, at): PrintedLine[] => {
    if (isText(one)) return [];
    const { heading, line, typed } = one;
    const why = leftOut.find((row) => row.page === page && typed.startsWith(row.begins))?.why;
    const printed = { page, heading, line, typed, ...(why === undefined ? {} : { leftOut: why }) };
    const [, file] = /^sudo nano (\S+)$/.exec(typed) ?? [];
    if (file === undefined) return [printed];
    const text = all.slice(at).find((next) => next.heading === heading && isText(next))?.block;
    if (text === undefined) throw new Error(`${page}.md:${line} shows no text for ${file}`);
    return [{ ...printed, writes: { file, text } }];
  });
}

/** The text that a page shows for a file that its words name, in a section. */
export function printedText(page: string, heading: string): string {
  const found = shellLines(textOf(page)).find((one) => one.heading === heading && isText(one))?.block;
  if (found === undefined) throw new Error(`${page}.md shows no text of a file below ${heading}`);
  return found;
}
