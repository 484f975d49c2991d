import { LimitError } from '../../src/base/index.ts';
import { type BlobInfo, blobUnknown, type RegistryPorts, uploadUnknown } from '../../src/controller/index.ts';
import { digestOf } from '../../src/platform/index.ts';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The content of a controller's registry in memory; it survives a restart of the controller, as on a disk. */
export function fakeArtifacts(): RegistryPorts {
  const modifiedMs = 1_790_000_000_000;
  const held = new Map<string, Buffer>();
  const staged = new Map<string, Buffer>();
  const records = new Map<
    string,
    Awaited<ReturnType<RegistryPorts['repositories']['load']>>['records'][number]
  >();
  const infoOf = (digest: string): BlobInfo | undefined => {
    const size = held.get(digest)?.byteLength;
    return size === undefined ? undefined : { digest, size, modifiedMs };
  };
  return {
    digestOf,
    blobs: {
      stat: async (digest) => infoOf(digest),
      verify: async (digest) => infoOf(digest),
      async read(digest, range) {
        const bytes = held.get(digest);
        if (bytes === undefined) throw blobUnknown(digest);
        return once(range === undefined ? bytes : bytes.subarray(range.from, range.to + 1));
      },
      async take({ digest, file }) {
        held.set(digest, staged.get(file) ?? Buffer.alloc(0));
        staged.delete(file);
      },
      delete: async (digest) => void held.delete(digest),
      async *list() {
        for (const digest of held.keys()) yield infoOf(digest) as BlobInfo;
      },
    },
    uploads: {
      begin: async (id) => void staged.set(id, Buffer.alloc(0)),
      sizeOf: async (id) => staged.get(id)?.byteLength,
      async append(id, bytes, maxBytes) {
        for await (const chunk of bytes) {
          const whole = Buffer.concat([staged.get(id) ?? Buffer.alloc(0), chunk]);
          if (whole.byteLength > maxBytes) throw new LimitError('file-too-large', 'It is too large.', '');
          staged.set(id, whole);
        }
        return staged.get(id)?.byteLength ?? 0;
      },
      async finish(id) {
        const bytes = staged.get(id);
        if (bytes === undefined) throw uploadUnknown(id);
        return { digest: digestOf(bytes), size: bytes.byteLength, file: id };
      },
      cancel: async (id) => void staged.delete(id),
      list: async () => [...staged].map(([id, { byteLength }]) => ({ id, size: byteLength, modifiedMs })),
    },
    repositories: {
      load: async () => ({ records: [...records.values()], faults: [] }),
      save: async (record) => void records.set(record.name, record),
      delete: async (name) => void records.delete(name),
    },
  };
}
