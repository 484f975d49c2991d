import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactFolder } from '../../adapters/artifacts/index.ts';
import { S3BlobStore } from '../../adapters/s3/index.ts';
import { type Clock, defined, InputError } from '../../base/index.ts';
import type {
  FleetControllerOptions,
  FleetControllerPorts,
  RepositoryStore,
} from '../../controller/index.ts';
import { explainFileError } from '../../platform/index.ts';
import type { ControllerSettings } from '../settings/controller.ts';

export interface OpenedArtifacts {
  readonly ports: Pick<FleetControllerPorts, 'artifacts'>;
  readonly options: Pick<FleetControllerOptions, 'artifactLimits'>;
}

/** Where the content of the registry lies. */
export async function openArtifacts(
  { dataDir, registry }: Pick<ControllerSettings, 'dataDir' | 'registry'>,
  clock: Clock,
): Promise<OpenedArtifacts> {
  const root = join(dataDir, 'artifacts');
  const blobs = registry.s3 === undefined ? undefined : await openS3(registry.s3, clock);
  return {
    ports: { artifacts: artifactFolder(root, blobs) },
    options: {
      artifactLimits: { maxBlobBytes: registry.maxFileBytes, graceMs: registry.keepUnusedHours * 3_600_000 },
    },
  };
}

/**
 * The same with repositories in a database that several controllers share. What is in the folder, of a controller that had
 * SQLite before, moves there once.
 */
export async function inDatabase(
  { artifacts }: OpenedArtifacts['ports'],
  database: RepositoryStore,
  dataDir: string,
): Promise<OpenedArtifacts['ports']> {
  const { records } = await artifacts.repositories.load();
  if (records.length > 0) {
    const there = new Set((await database.load()).records.map(({ name }) => name));
    for (const record of records) if (!there.has(record.name)) await database.save(record);
    const folder = join(dataDir, 'artifacts', 'repositories');
    await rename(folder, `${folder}.moved-${Date.now()}`);
  }
  return { artifacts: { ...artifacts, repositories: database } };
}

/** InputError for credentials that are none; `tries` as of the store. */
export async function openS3(
  { credentialsFile, ...store }: NonNullable<ControllerSettings['registry']['s3']>,
  clock: Clock,
  tries?: number,
): Promise<S3BlobStore> {
  const text = await readFile(credentialsFile, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, 'read the credentials of the store', credentialsFile);
  });
  // Key ids of Swift have a colon.
  const [, accessKeyId, secretAccessKey] =
    /^(\S+) (\S+)\s*$/.exec(text) ?? /^([^:\s]+):(\S+)\s*$/.exec(text) ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new InputError(
      's3-credentials',
      `${credentialsFile} has not the form of credentials.`,
      'One line: <access key id>:<secret access key>, or with a blank in place of the colon.',
    );
  return new S3BlobStore({ ...store, accessKeyId, secretAccessKey, clock, ...defined({ tries }) });
}
