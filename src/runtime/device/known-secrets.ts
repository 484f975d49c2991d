import { readFile } from 'node:fs/promises';
import { redactSecrets } from '../../base/index.ts';
import { redactor } from '../sources/redact.ts';

/** Settings that name a file with one secret, and those with `name:secret`. */
const secretFile = /^(?:password|token|secret|pin)File$/;
const pairFile = /^(?:user|credentials)File$/;
/** Lines of `name: secret`. */
const headersFile = 'headersFile';
const userInfo = /^[a-z][a-z0-9+.-]*:\/\/([^\s'"]*)@/i;
/** Shorter ones stand in every other word. */
const leastLength = 4;
const maxFileBytes = 4096;

/**
 * Takes out of texts what these settings keep secret: the content of files with passwords and tokens, passwords in addresses,
 * and what has the form of a secret. A file that can't be read now has told nobody its secret.
 */
export async function settingsRedactor(settings: unknown): Promise<(text: string) => string> {
  const secrets = await Promise.all(textsIn(settings).map(secretsOf));
  const known = redactor(secrets.flat().filter((secret) => secret.length >= leastLength));
  return (text) => redactSecrets(known(text));
}

async function secretsOf({ name, text }: NamedText): Promise<string[]> {
  const [, login] = userInfo.exec(text) ?? [];
  const inAddress = login?.includes(':') ? [login.slice(login.indexOf(':') + 1)] : [];
  const all = [...inAddress, ...inAddress.map(decoded)];
  if (!secretFile.test(name) && !pairFile.test(name) && name !== headersFile) return all;
  const content = await readFile(text, 'utf8').then(
    (read) => read.slice(0, maxFileBytes).trim(),
    () => '',
  );
  if (name === headersFile)
    return [...all, ...content.split('\n').map((line) => line.slice(line.indexOf(':') + 1).trim())];
  return [...all, pairFile.test(name) ? content.slice(content.indexOf(':') + 1) : content];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface NamedText {
  /** The last key on its way. */
  readonly name: string;
  readonly text: string;
}

function textsIn(value: unknown, name = ''): NamedText[] {
  if (typeof value === 'string') return [{ name, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, Array.isArray(value) ? name : key));
}
