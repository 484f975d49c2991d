import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type GoshawkError, InputError, MissingError, RefusedError } from '../../../base/index.ts';

export const manifestName = 'goshawk-backup.json';
export const databaseName = 'controller.db';

/** Of what this version writes; a later form has a higher number. */
const format = 1;
const maxManifestBytes = 256 * 1024 * 1024;

/** A path inside of the backup: names joined by `/`, none of which leads out of it. */
const pathPattern = '^(?!\\.\\.?(/|$))[^/\\0]+(/(?!\\.\\.?(/|$))[^/\\0]+)*$';

const Manifest = Type.Object({
  format: Type.Literal(format),
  goshawk: Type.String(),
  createdMs: Type.Number(),
  /** Schema of the database; absent: the database is not in the backup. */
  schema: Type.Optional(Type.Integer()),
  files: Type.Array(
    Type.Object({
      path: Type.String({ pattern: pathPattern, maxLength: 4096 }),
      bytes: Type.Integer({ minimum: 0 }),
      digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
      mode: Type.Integer({ minimum: 0, maximum: 0o777 }),
    }),
    { maxItems: 1_000_000 },
  ),
  /** What a restore needs from elsewhere. */
  without: Type.Array(Type.String()),
});
export type Manifest = Static<typeof Manifest>;
export type ManifestFile = Manifest['files'][number];

/** What lies at the top of the data folder. */
export function topEntries({ files }: Pick<Manifest, 'files'>): string[] {
  return [...new Set(files.map(({ path }) => path.split('/')[0] ?? path))];
}

export function manifestOf(parts: Omit<Manifest, 'format'>): string {
  return `${JSON.stringify({ format, ...parts }, null, 1)}\n`;
}

export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  const size = await stat(path).then(
    (found) => found.size,
    () => {
      throw new MissingError(
        'backup-missing',
        `${folder} is not a backup: it has no ${manifestName}.`,
        'Name a folder that goshawk controller backup made.',
      );
    },
  );
  if (size > maxManifestBytes) throw damaged(path, 'it is too large');
  return parseManifest(await readFile(path, 'utf8'), path);
}

export function parseManifest(text: string, where: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(where, 'it is not JSON');
  }
  const found = (value as { readonly format?: unknown } | null)?.format;
  if (typeof found === 'number' && found !== format)
    throw new RefusedError(
      'backup-format',
      `${where} has format ${found}, and this version of Goshawk reads format ${format}.`,
      'Restore it with the version of Goshawk that wrote it.',
    );
  if (!Value.Check(Manifest, value)) {
    const [first] = Value.Errors(Manifest, value);
    throw damaged(where, first === undefined ? 'it has another form' : `${first.path} ${first.message}`);
  }
  const paths = new Set(value.files.map(({ path }) => path));
  if (paths.size !== value.files.length) throw damaged(where, 'it names a file twice');
  return value;
}

/** A file of the backup is not what was written. */
export function damaged(where: string, why: string): GoshawkError {
  return new InputError(
    'backup-damaged',
    `${where} is damaged: ${why}.`,
    'Use another backup. The controller was not changed.',
  );
}
