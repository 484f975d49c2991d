import { describe, expect, it } from 'vitest';
import {
  parseTransferManifest,
  type TransferForm,
  transferManifest,
  waysToFetch,
} from '../../../../src/model/index.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const wanted = { digest: digest('a'), size: 1000 };
const zstd: TransferForm = { blob: digest('a'), form: 'zstd', digest: digest('1'), size: 500 };
const delta: TransferForm = {
  ...{ blob: digest('a'), form: 'zstd-delta', base: digest('b') },
  ...{ digest: digest('2'), size: 20 },
};
const have = new Map([[digest('b'), 900]]);
const sizeOf = (one: string) => have.get(one);

describe('The ways in which a file can travel', () => {
  it.each<[string, readonly TransferForm[], readonly TransferForm[]]>([
    ['the smaller one first', [zstd, delta], [delta, zstd]],
    ['a delta only against what is there', [{ ...delta, base: digest('c') }, zstd], [zstd]],
    ['none of another file', [{ ...zstd, blob: digest('d') }], []],
    ['none that is no smaller than the file', [{ ...zstd, size: 1000 }], []],
    [
      'two at most, however many are listed',
      [zstd, delta, { ...delta, digest: digest('3'), size: 30 }, { ...delta, digest: digest('4'), size: 40 }],
      [delta, { ...delta, digest: digest('3'), size: 30 }],
    ],
  ])('takes %s', (_title, forms, ways) => {
    expect(waysToFetch(wanted, forms, sizeOf)).toEqual(ways);
  });

  it('takes none for what would fill the memory of a device', () => {
    const large = { ...wanted, size: 300 * 1024 * 1024 };
    expect(waysToFetch(large, [zstd], sizeOf)).toEqual([]);
    expect(waysToFetch(wanted, [delta], () => 300 * 1024 * 1024)).toEqual([]);
  });
});

describe('The list of forms', () => {
  const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest('e'), size: 7 };

  it('is read as it was written', () => {
    const manifest = transferManifest(subject, [zstd, delta]);
    expect(manifest).toMatchObject({ subject, config: { size: 2 } });
    expect(parseTransferManifest(JSON.parse(JSON.stringify(manifest)), 'here')).toEqual([zstd, delta]);
  });

  it('leaves out layers that it does not know', () => {
    const manifest = transferManifest(subject, [zstd]) as { layers: object[] };
    manifest.layers.push(
      { mediaType: 'application/vnd.goshawk.transfer.v9', digest: digest('5'), size: 3 },
      { mediaType: 'application/vnd.goshawk.transfer.v1.zstd-delta', digest: digest('5'), size: 3 },
    );
    expect(parseTransferManifest(manifest, 'here')).toEqual([zstd]);
  });

  it.each([null, {}, 'x', { schemaVersion: 2 }, { schemaVersion: 2, artifactType: 'other', layers: [] }])(
    'refuses %j',
    (json) => {
      expect(() => parseTransferManifest(json, 'here')).toThrow(
        expect.objectContaining({ code: 'transfer-index' }),
      );
    },
  );
});
