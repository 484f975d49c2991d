import type { KeyObject, X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { readBundle, readProfile } from '../../adapters/filesystem/index.ts';
import { describeError } from '../../base/index.ts';
import { parseAnchor } from '../../trust/index.ts';
import { checkSource, recordingPath } from '../sources/open-source.ts';
import { redactSource } from '../sources/redact.ts';
import {
  certificatesForm,
  claimForm,
  expiryNote,
  keyForm,
  pairForm,
  secretForm,
  tokenForm,
} from './file-forms.ts';
import type { Problem } from './problems.ts';

export interface FileFindings {
  readonly problems: readonly Problem[];
  /** What is no mistake and still worth a word. */
  readonly notes: readonly string[];
}

/**
 * What is wrong with the files that settings name. It looks at every text in them by the name of its setting, so it
 * can be asked about settings that have mistakes of another kind. Nothing is written, no camera or connection opened.
 */
export async function namedFileFindings(settings: unknown): Promise<FileFindings> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  for (const { keys, text } of textsIn(settings)) {
    const path = keys.join('.');
    try {
      const note = await checkOf(keys, settings)?.(text);
      if (typeof note === 'string') notes.push(`${path}: ${text} ${note}.`);
    } catch (error) {
      problems.push({ path, what: reasonOf(error), found: JSON.stringify(redactSource(text)) });
    }
  }
  return { problems: [...problems, ...(await foreignKeys(settings, problems))], notes };
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'is not there';
  if (code === 'EACCES') return 'is not accessible to this user';
  if (code === 'EISDIR') return 'is a folder, not a file';
  return describeError(error).replace(/\.$/, '');
}

/** Gives a note, or nothing. */
type FileCheck = (path: string) => Promise<unknown>;

/** By the last key; what is not here and ends in `File` is read. */
const byName: Readonly<Record<string, FileCheck>> = {
  caFile: certificates,
  brokerCaFile: certificates,
  certFile: certificates,
  keyFile: (path) => secret(path, keyForm),
  passwordFile: (path) => secret(path, secretForm),
  secretFile: (path) => secret(path, secretForm),
  tokenFile: (path) => secret(path, secretForm),
  pinFile: (path) => secret(path, secretForm),
  userFile: (path) => secret(path, pairForm),
  credentialsFile: (path) => secret(path, pairForm),
};

function checkOf(keys: readonly string[], settings: unknown): FileCheck | undefined {
  const [first, second, third] = keys;
  const name = keys.at(-1) ?? '';
  const place = keys.join('.');
  if (place === 'dataDir') return writableFolder;
  if (place === 'model' || (first === 'models' && keys.length === 2)) return bundle;
  if (first === 'ros' && second === 'models') return bundle;
  if (first === 'ros' && second === 'bridge' && third === 'messages') return (path) => readdir(path);
  if (first === 'cameras' && keys.length === 3 && name === 'source') return sourceIsThere;
  if (first === 'cameras' && keys.length === 3 && name === 'profile') return profile;
  // While it is there no model is switched: not to be there is the usual thing.
  if (place === 'updates.lockFile') return undefined;
  if (place === 'updates.program.0') return executable;
  if (place === 'enrolment.claimFile')
    return (path) => claim(path, textAt(settings, ['enrolment', 'url']) !== undefined);
  if (place === 'enrolment.pkcs11.module') return (path) => access(path, constants.R_OK);
  if (place === 'trust.rootFile') return async (path) => void parseAnchor(await readFile(path));
  if (place === 'artifacts.tokenFile') {
    const ofController = textAt(settings, ['artifacts', 'registry']) === undefined;
    return (path) => secret(path, (text) => tokenForm(text, ofController));
  }
  return byName[name] ?? (name.endsWith('File') ? (path) => readFile(path) : undefined);
}

const bundle: FileCheck = async (path) => void (await readBundle(path));

async function profile(path: string): Promise<void> {
  if ((await readProfile(path)) === undefined)
    throw Object.assign(new Error(`${path} is not there`), { code: 'ENOENT' });
}

async function certificates(path: string): Promise<string | undefined> {
  return expiryNote(certificatesForm(await readFile(path, 'utf8')), Date.now());
}

async function secret(path: string, form: (text: string) => unknown): Promise<string | undefined> {
  form(await readFile(path, 'utf8'));
  return ((await stat(path)).mode & 0o004) === 0
    ? undefined
    : `may be read by every user of this machine; chmod o= ${path}`;
}

async function claim(path: string, ofOtherServer: boolean): Promise<string | undefined> {
  try {
    return await secret(path, (text) => claimForm(text, ofOtherServer));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'is not there yet; it may come later';
    throw error;
  }
}

/** As a shell finds it. */
async function executable(program: string): Promise<void> {
  const folders = program.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  let why: unknown;
  for (const folder of folders) {
    try {
      return await access(folder === '' ? program : join(folder, program), constants.X_OK);
    } catch (error) {
      why = error;
    }
  }
  throw why;
}

async function sourceIsThere(spec: string): Promise<void> {
  checkSource(spec);
  const path = recordingPath(spec);
  if (path !== undefined) await access(path, constants.R_OK);
}

/** The folder may not be there yet: then it must be possible to make it. */
async function writableFolder(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isDirectory()) throw new Error('is not a folder');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    return writableFolder(dirname(path));
  }
  await access(path, constants.W_OK | constants.X_OK);
}

/** Keys that are right and belong to another certificate than the one beside them. */
async function foreignKeys(settings: unknown, known: readonly Problem[]): Promise<Problem[]> {
  const bad = new Set(known.map(({ path }) => path));
  const texts = textsIn(settings);
  const pairs = texts.flatMap(({ keys, text }) => {
    const path = keys.join('.');
    const certPath = [...keys.slice(0, -1), 'certFile'];
    const certFile = textAt(settings, certPath);
    if (keys.at(-1) !== 'keyFile' || certFile === undefined) return [];
    return bad.has(path) || bad.has(certPath.join('.')) ? [] : [{ path, keyFile: text, certFile }];
  });
  const found = await Promise.all(
    pairs.map(async ({ path, keyFile, certFile }): Promise<Problem[]> => {
      const [certificate] = certificatesForm(await readFile(certFile, 'utf8'));
      return fits(certificate, keyForm(await readFile(keyFile, 'utf8')))
        ? []
        : [{ path, what: 'is not the key of the certificate in certFile', found: JSON.stringify(keyFile) }];
    }),
  );
  return found.flat();
}

const fits = (certificate: X509Certificate | undefined, key: KeyObject) =>
  certificate?.checkPrivateKey(key) === true;

function textAt(value: unknown, keys: readonly string[]): string | undefined {
  const path = keys.join('.');
  return textsIn(value).find((one) => one.keys.join('.') === path)?.text;
}

interface Text {
  readonly keys: readonly string[];
  readonly text: string;
}

function textsIn(value: unknown, keys: readonly string[] = []): Text[] {
  if (typeof value === 'string') return [{ keys, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...keys, key]));
}
