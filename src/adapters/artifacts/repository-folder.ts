import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { describeError, InputError } from '../../base/index.ts';
import type { RepositoryRecord, RepositoryStore } from '../../controller/index.ts';
import { Digest } from '../../model/index.ts';
import { isPartialName, syncFolder, writeFileAtomic } from '../../platform/index.ts';
import { explainArtifactError } from './explain.ts';

const Count = Type.Number({ minimum: 0 });
const Text = Type.String({ maxLength: 65_536 });
const Stored = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }),
  blobs: Type.Array(Type.Object({ digest: Digest, size: Count, linkedMs: Count })),
  manifests: Type.Array(
    Type.Object({
      ...{ digest: Digest, mediaType: Text, size: Count, pushedMs: Count },
      ...{ blobs: Type.Array(Digest), manifests: Type.Array(Digest) },
      ...{ subject: Type.Optional(Digest), bundle: Type.Optional(Digest), artifactType: Type.Optional(Text) },
      annotations: Type.Optional(Type.Record(Type.String(), Text)),
    }),
  ),
  tags: Type.Record(Type.String(), Digest),
});
const stored = TypeCompiler.Compile(Stored);

/** Repositories as one file each, `<name>.json` with `+` for `/`. A file is written whole or not at all. */
export class RepositoryFolder implements RepositoryStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async load(): Promise<{
    readonly records: readonly RepositoryRecord[];
    readonly faults: readonly string[];
  }> {
    const records: RepositoryRecord[] = [];
    const faults: string[] = [];
    for (const file of await readdir(this.#root).catch(() => [])) {
      if (isPartialName(file)) await rm(join(this.#root, file), { force: true });
      else if (file.endsWith('.json'))
        await this.#read(file).then(
          (record) => records.push(record),
          (error: unknown) => faults.push(`${join(this.#root, file)}: ${describeError(error)}`),
        );
    }
    return { records, faults };
  }

  async save(record: RepositoryRecord): Promise<void> {
    await writeFileAtomic(this.#file(record.name), JSON.stringify(record), {
      explain: (error) => explainArtifactError(error, this.#root),
    });
  }

  async delete(name: string): Promise<void> {
    await rm(this.#file(name), { force: true });
    await syncFolder(this.#root).catch(() => undefined);
  }

  async #read(file: string): Promise<RepositoryRecord> {
    const value: unknown = JSON.parse(await readFile(join(this.#root, file), 'utf8'));
    if (stored.Check(value) && this.#file(value.name) === join(this.#root, file))
      return value satisfies Static<typeof Stored> as RepositoryRecord;
    throw new InputError(
      'repository-damaged',
      'It is not the record of a repository of this name.',
      'Restore it from a backup, or delete it and push its artifacts again: goshawk model push.',
    );
  }

  #file(name: string): string {
    return join(this.#root, `${name.replaceAll('/', '+')}.json`);
  }
}
