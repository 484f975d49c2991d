/* Whether an image may be written to a disk. */

/** A disk or a part of one, as lsblk tells it. */
export interface BlockDevice {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly ro: boolean;
  readonly mountpoints: readonly (string | null)[];
  readonly model?: string | null;
  readonly children?: readonly BlockDevice[];
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface Wanted {
  readonly imageBytes: number;
  /** What has to fit behind the image. */
  readonly dataBytes: number;
}

function everyPart(device: BlockDevice): readonly BlockDevice[] {
  return [device, ...(device.children ?? []).flatMap(everyPart)];
}

const wholeDisks = ['disk', 'loop'];

/** `undefined`: it may be written to. The first reason that stands against it otherwise. */
export function refusalOf(device: BlockDevice, { imageBytes, dataBytes }: Wanted): Refusal | undefined {
  const { path } = device;
  const parts = everyPart(device);
  const mounted = parts.flatMap((part) =>
    part.mountpoints.filter((point) => point !== null).map((point) => `${part.path} as ${point}`),
  );
  const held = parts.filter(({ type }) => !['part', ...wholeDisks].includes(type));
  if (!wholeDisks.includes(device.type))
    return refuse(
      'image-target-no-disk',
      `${path} is not a whole disk (${device.type}).`,
      'Name the disk itself, as /dev/sdb or /dev/mmcblk0; `lsblk` lists them.',
    );
  if (
    parts.some((part) =>
      part.mountpoints.some(
        (point) =>
          point === '/' ||
          point?.startsWith('/boot') ||
          point === '[SWAP]' ||
          point === '/usr' ||
          point === '/var',
      ),
    )
  )
    return refuse(
      'image-target-system',
      `${path} is a disk that this system runs from: ${mounted.join(', ')}.`,
      'Name another disk; `lsblk` lists them.',
    );
  if (mounted.length > 0)
    return refuse(
      'image-target-mounted',
      `${path} is in use: ${mounted.join(', ')}.`,
      `Unmount it first: ${mounted.map((text) => `umount ${text.split(' as ')[1]}`).join('; ')}`,
    );
  if (held.length > 0)
    return refuse(
      'image-target-held',
      `${path} is part of ${held.map((part) => `${part.path} (${part.type})`).join(', ')}.`,
      'Remove it from there first, or name another disk.',
    );
  if (device.ro)
    return refuse(
      'image-target-read-only',
      `${path} can't be written to.`,
      'Look for a write-protect switch on the card or its adapter.',
    );
  if (device.size < imageBytes + dataBytes)
    return refuse(
      'image-target-too-small',
      `${path} has ${megabytes(device.size)} MB; the image needs ${megabytes(imageBytes)} and ${megabytes(dataBytes)} for data.`,
      'Take a larger card, or build the image with a smaller --slot-megabytes.',
    );
  return undefined;
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

function refuse(code: string, message: string, remedy: string): Refusal {
  return { code, message, remedy };
}
