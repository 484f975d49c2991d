import { isTypeScript, type Project } from './project.ts';
import { readSource } from './source.ts';

/** Of an office, which is no word of this field: a stranger would not search for them. */
export const bannedWords = [
  'office',
  'steward',
  'desk',
  'newsroom',
  'letters',
  'notebook',
  'shelf',
  'shelves',
  'courier',
  'book',
  'reception',
  'occurrence',
  'wish',
  'diary',
];

const banned = new Set(bannedWords.flatMap((word) => [word, `${word}s`, `${word}es`]));

/** `modelShelf` -> model, shelf; `DriftDesk` -> drift, desk; `desk-cost` -> desk, cost; `HTTPBook` -> http, book. */
function partsOf(identifier: string): string[] {
  return identifier
    .replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .split(/[^A-Za-z\d]+/)
    .map((part) => part.toLowerCase());
}

const hasBanned = (identifier: string) => partsOf(identifier).some((part) => banned.has(part));

/** Identifiers and names of files in which a word of the office stands; comments and texts are for people to read. */
export function metaphors(project: Project): string[] {
  return [...project].flatMap(([file, text]) => {
    const identifiers = readSource(text).code.match(/[A-Za-z_$][\w$]*/g) ?? [];
    const found = [...new Set(identifiers)].filter(hasBanned).map((identifier) => `${file}: ${identifier}`);
    return hasBanned(file) ? [...found, `${file}: its name`] : found;
  });
}

const privateMember =
  /(?<![.\w$#])private\s+(?!constructor\b)(?:(?:readonly|static|async|override|get|set)\s+)*([\w$]+)/g;

/** The keyword `private` before anything but a constructor: members are #private, which also holds when it runs. */
export function privateKeywords(project: Project): string[] {
  return [...project]
    .filter(([file]) => isTypeScript(file))
    .flatMap(([file, text]) => {
      const members = [...readSource(text).code.matchAll(privateMember)].map(([, member = '']) => member);
      return members.length === 0 ? [] : [`${file}: private ${members.join(', ')}`];
    });
}
