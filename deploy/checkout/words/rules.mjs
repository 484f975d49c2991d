// Rules of textlint: the words of patterns.mjs and the length of lines.
import { longestLine, patterns } from './patterns.mjs';

const blank = (text) => ' '.repeat(text.length);

/** The source of a node as long as before, without code and addresses. */
function prose(source) {
  return source
    .replace(/```.*?```|`[^`]*`/gs, (code) => code[0] + '_'.repeat(Math.max(0, code.length - 2)) + code[0])
    .replace(/\]\([^)]*\)/g, blank)
    .replace(/\n/g, ' ');
}

/** Whether a text may hold one of the patterns: most hold none, and need no parser. */
export function isSuspect(source) {
  const text = prose(source);
  return patterns.some(({ pattern }) => text.search(pattern) >= 0);
}

/** A line that is text: no table, no code, no lone address. */
function isText(line) {
  return !/^\s*\|/.test(line) && !/^ {4}/.test(line) && !/^\s*(?:\[[^\]]*\]: )?\S*$/.test(line);
}

export function words(context) {
  const { Syntax, RuleError, report, getSource, locator } = context;
  const look = (node) => {
    const text = prose(getSource(node));
    for (const { pattern, instead, heads = true } of patterns) {
      if (!heads && node.type === Syntax.Header) continue;
      for (const { 0: found, index } of text.matchAll(pattern))
        report(
          node,
          new RuleError(`"${found.trim().slice(0, 40)}": ${instead}`, { padding: locator.at(index) }),
        );
    }
  };
  return {
    [Syntax.Paragraph]: look,
    [Syntax.Header]: look,
    TableCell: look,
  };
}

export function lines(context) {
  const { Syntax, RuleError, report, getSource, locator } = context;
  return {
    [Syntax.Document](node) {
      let at = 0;
      let code = false;
      for (const line of getSource(node).split('\n')) {
        if (/^\s*```/.test(line)) code = !code;
        if (!code && line.length > longestLine && isText(line))
          report(
            node,
            new RuleError(`${line.length} characters: break the line before ${longestLine}`, {
              padding: locator.at(at),
            }),
          );
        at += line.length + 1;
      }
    },
  };
}
