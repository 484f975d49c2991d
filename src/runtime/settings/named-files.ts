import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { describeError } from '../../base/index.ts';
import { rosScheme } from '../ros/ros-spec.ts';
import { checkSource, isLive } from '../sources/open-source.ts';
import { redactSource } from '../sources/redact.ts';
import { isStreet } from '../sources/street.ts';
import type { Problem } from './problems.ts';

/**
 * What is wrong with the files that settings name. It looks at every text in them by the name of its setting, so it
 * can be asked about settings that have mistakes of another kind. Nothing is written, no camera or connection opened.
 */
export async function namedFileProblems(settings: unknown): Promise<Problem[]> {
  const found = await Promise.all(
    textsIn(settings).map(async ({ keys, text }): Promise<Problem[]> => {
      try {
        await checksOf(keys)?.(text);
        return [];
      } catch (error) {
        return [{ path: keys.join('.'), what: reasonOf(error), found: JSON.stringify(redactSource(text)) }];
      }
    }),
  );
  return found.flat();
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'is not there';
  if (code === 'EACCES') return 'is not accessible to this user';
  if (code === 'EISDIR') return 'is a folder, not a file';
  return describeError(error).replace(/\.$/, '');
}

type FileCheck = (path: string) => Promise<unknown>;

function checksOf(keys: readonly string[]): FileCheck | undefined {
  const name = keys.at(-1) ?? '';
  if (keys.length === 1 && name === 'dataDir') return writableFolder;
  if (keys.length === 1 && name === 'model') return (path) => readBundle(path);
  if (keys[0] === 'ros' && keys[1] === 'models') return (path) => readBundle(path);
  if (keys[0] === 'cameras' && keys.length === 3 && name === 'source') return sourceIsThere;
  if (keys[0] === 'cameras' && keys.length === 3 && name === 'profile') return readFile;
  if (name === 'caFile' || name === 'certFile' || name === 'keyFile') return pemFile;
  return name.endsWith('File') ? readFile : undefined;
}

async function pemFile(path: string): Promise<void> {
  if (!(await readFile(path, 'utf8')).includes('-----BEGIN ')) throw new Error('is not a PEM file');
}

async function sourceIsThere(spec: string): Promise<void> {
  checkSource(spec);
  if (!isStreet(spec) && !spec.startsWith(rosScheme) && !isLive(spec)) await access(spec, constants.R_OK);
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

interface Text {
  readonly keys: readonly string[];
  readonly text: string;
}

function textsIn(value: unknown, keys: readonly string[] = []): Text[] {
  if (typeof value === 'string') return [{ keys, text: value }];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...keys, key]));
}
