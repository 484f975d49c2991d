/* Where everything lies on the disk. Sectors are of 512 bytes; a partition begins at a whole MiB. */

export const sectorBytes = 512;
const mebibyte = 2 ** 20;
const alignment = mebibyte / sectorBytes;
/** For the copy of the partition table at the end. */
const tailSectors = alignment;

const partitionTypes = {
  efi: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
} as const;

export const labels = {
  efi: 'goshawk-esp',
  rootA: 'goshawk-root-a',
  rootB: 'goshawk-root-b',
  /** Made at the first boot. */
  data: 'goshawk-data',
} as const;

export interface Partition {
  readonly label: string;
  readonly type: string;
  readonly startByte: number;
  readonly bytes: number;
}

export interface Layout {
  readonly partitions: readonly Partition[];
  /** Of the whole image. */
  readonly bytes: number;
}

export const efiBytes = 64 * mebibyte;
/** Room for data below which nobody can do anything with a board: one model, the outbox, the journal. */
export const leastDataBytes = 512 * mebibyte;

export function roundUp(bytes: number, to = mebibyte): number {
  return Math.ceil(bytes / to) * to;
}

/** Two slots of the same size; data comes behind them, on the board. */
export function layoutOf(slotBytes: number): Layout {
  const sizes = [
    [labels.efi, partitionTypes.efi, efiBytes],
    [labels.rootA, partitionTypes.linux, roundUp(slotBytes)],
    [labels.rootB, partitionTypes.linux, roundUp(slotBytes)],
  ] as const;
  let startByte = alignment * sectorBytes;
  const partitions = sizes.map(([label, type, bytes]) => {
    const partition = { label, type, startByte, bytes };
    startByte += bytes;
    return partition;
  });
  return { partitions, bytes: startByte + tailSectors * sectorBytes };
}

/** What sfdisk reads. The ids come from `seed`, a digest of what is in the image: nothing in an image is drawn by chance. */
export function sfdiskScript(layout: Layout, seed: string): string {
  return [
    'label: gpt',
    `label-id: ${uuidFrom(seed, 0)}`,
    'unit: sectors',
    `first-lba: 34`,
    ...layout.partitions.map(
      ({ label, type, startByte, bytes }, index) =>
        `start=${startByte / sectorBytes}, size=${bytes / sectorBytes}, type=${type}, name=${label}, uuid=${uuidFrom(seed, index + 1)}`,
    ),
    '',
  ].join('\n');
}

/** A UUID (version 8, RFC 9562) from a hex digest, another one for each index. */
export function uuidFrom(digest: string, index: number): string {
  const hex = digest.replace(/^sha256:/, '');
  const own = index.toString(16).padStart(4, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18, 26)}${own}`.toUpperCase();
}
