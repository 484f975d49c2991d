import { InputError } from '../../base/index.ts';
import type { TargetFile } from '../format/roles.ts';
import { parseRelease, type Release } from './release.ts';

/** What a device is, as far as a signed model may ask. */
export interface DeviceFacts {
  readonly board?: string | undefined;
  readonly tensorrt?: string | undefined;
  readonly agent: string;
}

export interface AdmissionInput {
  /** sha256:<hex> of the bundle. */
  readonly digest: string;
  /** What the owner's targets say, signed offline. */
  readonly image: TargetFile | undefined;
  /** What the director says for this device. */
  readonly director: TargetFile | undefined;
  readonly device: DeviceFacts;
  /** The highest release of that name that was committed here. */
  readonly floor: number | undefined;
}

export type Refusal =
  | 'not-signed'
  | 'not-directed'
  | 'mix-and-match'
  | 'other-bytes'
  | 'release-form'
  | 'revoked'
  | 'release-back'
  | 'other-board'
  | 'other-tensorrt'
  | 'agent-too-old';

export type Admission =
  | { readonly kind: 'admitted'; readonly release: Release; readonly length: number }
  | { readonly kind: 'refused'; readonly why: Refusal; readonly detail: string };

/** Whether a device may run what it is ordered to: both repositories must say the same, and the owner's limits must fit it. */
export function admit({ digest, image, director, device, floor }: AdmissionInput): Admission {
  if (image === undefined) return refused('not-signed', 'The owner has not signed it.');
  if (director === undefined)
    return refused('not-directed', 'The controller has not signed that this device runs it.');
  const other = differ(image, director);
  if (other !== undefined)
    return refused('mix-and-match', `Owner and controller have signed different things: ${other}.`);
  if (`sha256:${image.hashes.get('sha256')}` !== digest)
    return refused('other-bytes', 'The signed model of that name and version has another digest.');
  const release = readRelease(image);
  if (typeof release === 'string') return refused('release-form', release);
  const misfit = whyUnfit(release, device) ?? whyBack(release, floor);
  return misfit ?? { kind: 'admitted', release, length: image.length };
}

/** The same for a model that is on the disk already, without asking anybody. */
export function admitAgain(
  digest: string,
  image: TargetFile,
  device: DeviceFacts,
  floor: number | undefined,
): Admission {
  return admit({ digest, image, director: image, device, floor });
}

function differ(image: TargetFile, director: TargetFile): string | undefined {
  if (image.length !== director.length) return 'the length';
  const known = [...image.hashes].filter(([name]) => director.hashes.has(name));
  if (known.length === 0) return 'no hash in common';
  return known.find(([name, hash]) => director.hashes.get(name) !== hash)?.[0];
}

function readRelease(image: TargetFile): Release | string {
  try {
    return parseRelease(image.custom);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function whyUnfit({ revoked, hardware, minimumAgent }: Release, device: DeviceFacts): Admission | undefined {
  if (revoked === true) return refused('revoked', 'The owner has withdrawn it.');
  const { boards, tensorrt } = hardware ?? {};
  if (boards !== undefined && !boards.includes(device.board ?? ''))
    return refused(
      'other-board',
      `It is for ${boards.join(', ')}; this is ${device.board ?? 'a board without a name'}.`,
    );
  if (tensorrt !== undefined && !tensorrt.some((wanted) => isVersionOf(device.tensorrt ?? '', wanted)))
    return refused(
      'other-tensorrt',
      `It is for TensorRT ${tensorrt.join(', ')}; here is ${device.tensorrt ?? 'none'}.`,
    );
  if (minimumAgent !== undefined && isBelow(device.agent, minimumAgent))
    return refused('agent-too-old', `It needs an agent from ${minimumAgent} on; this is ${device.agent}.`);
  return undefined;
}

function whyBack({ release, rollbackFrom }: Release, floor: number | undefined): Admission | undefined {
  if (floor === undefined || release >= floor) return undefined;
  if (rollbackFrom !== undefined && floor <= rollbackFrom) return undefined;
  return refused(
    'release-back',
    `It is of release ${release}, and this device has run release ${floor}. The owner has to sign a rollback.`,
  );
}

function isVersionOf(version: string, wanted: string): boolean {
  return version === wanted || version.startsWith(`${wanted}.`);
}

/** By the numbers of `1.2.3`; what follows a `-` does not count. */
function isBelow(version: string, minimum: string): boolean {
  const numbers = (text: string) =>
    text
      .split('-')[0]!
      .split('.')
      .map((part) => Number(part) || 0);
  const [a, b] = [numbers(version), numbers(minimum)];
  const at = [0, 1, 2].find((place) => (a[place] ?? 0) !== (b[place] ?? 0));
  return at !== undefined && (a[at] ?? 0) < (b[at] ?? 0);
}

function refused(why: Refusal, detail: string): Admission {
  return { kind: 'refused', why, detail };
}
