// Looks at the words of a text: Markdown, or the strings of a page of the dashboard.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextlintKernel } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import { isSuspect, lines, words } from './rules.mjs';
import { textsOf } from './texts.mjs';

const kernel = new TextlintKernel();
const options = {
  ext: '.md',
  plugins: [{ pluginId: 'markdown', plugin: markdown.default ?? markdown }],
  rules: [
    { ruleId: 'words', rule: words },
    { ruleId: 'lines', rule: lines },
  ],
};

/** What is wrong in a text of Markdown: line and message. */
export async function lintMarkdown(text, lines = true) {
  const { messages } = await kernel.lintText(text, { ...options, filePath: 'page.md' });
  return messages
    .filter(({ ruleId }) => lines || ruleId !== 'lines')
    .map(({ loc, message }) => ({ line: loc.start.line, message }));
}

/** The same for what a person reads of a file of TypeScript. */
export async function lintCode(code, loader = 'tsx') {
  const texts = textsOf(code, loader).filter(({ text }) => isSuspect(text));
  if (texts.length === 0) return [];
  const found = await lintMarkdown(texts.map(({ text }) => text).join('\n\n'), false);
  return found.map(({ line, message }) => ({ line: texts[(line - 1) / 2]?.line ?? 1, message }));
}

/** What is wrong in a file of the repository. */
export function lintFile(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  return file.endsWith('.md') ? lintMarkdown(text) : lintCode(text, file.endsWith('x') ? 'tsx' : 'ts');
}
