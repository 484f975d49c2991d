import { InternalError } from '../../base/index.ts';

/*
 * Secure summation by pairwise masks (Bonawitz et al. 2017, without its double masks). Every pair of devices has a secret that
 * the controller does not know; both make the same numbers out of it, one adds them to its counts and the other takes them
 * away. A masked vector by itself is noise to whoever has not the secrets; in the sum of all of them the masks are gone.
 *
 * Promised against a controller that looks at everything and follows the protocol: it learns the sum and who took part. Not
 * promised: against a controller that together with all but two devices pools what it knows (it learns the sum of those
 * two); against one that says a device dropped out whose vector it has (then what the others reveal unmasks that vector:
 * `revealFor` must be asked at most once a round and device, and never for one whose vector was acknowledged); against a
 * device that lies about its counts.
 */

/** Port: numbers that both devices of a pair make out of their secret, new ones each round, uniform over 32 bits. */
export type PairMask = (
  pair: readonly [device: string, peer: string],
  round: string,
  length: number,
) => Uint32Array;

/** Sums are modulo 2^32: a fleet's counts of one bucket must stay below half of that. */
const mostCount = 2 ** 31 - 1;

/** What a device sends: its counts with the masks of all others of the round. */
export function maskCounts(
  device: string,
  devices: readonly string[],
  round: string,
  counts: readonly number[],
  maskOf: PairMask,
): Uint32Array {
  if (counts.some((count) => !Number.isInteger(count) || count < 0 || count > mostCount))
    throw new InternalError(
      'federated-count',
      'A count is not a whole number below 2^31.',
      'Round the counts.',
    );
  const masked = Uint32Array.from(counts);
  for (const peer of devices)
    if (peer !== device)
      apply(masked, maskOf(pairOf(device, peer), round, counts.length), signOf(device, peer));
  return masked;
}

/** The masks between a device that dropped out and one that is still there: that one says them, so that the sum comes out. */
export function revealFor(
  dropped: string,
  survivor: string,
  round: string,
  length: number,
  maskOf: PairMask,
): Uint32Array {
  const revealed = new Uint32Array(length);
  apply(revealed, maskOf(pairOf(survivor, dropped), round, length), signOf(survivor, dropped));
  return revealed;
}

export interface MaskedRound {
  /** Masked vectors that came. */
  readonly vectors: ReadonlyMap<string, Uint32Array>;
  /** For each device that is missing: what each that is there revealed of the masks between them. */
  readonly revealed: ReadonlyMap<string, ReadonlyMap<string, Uint32Array>>;
  /** All that began the round. */
  readonly devices: readonly string[];
}

/** Fewer than this, and the sum says too much of one. */
export const leastDevices = 3;

/** The sum of those that came; undefined while something is missing that it takes, or where too few came. */
export function sumMasked({ vectors, revealed, devices }: MaskedRound): number[] | undefined {
  if (vectors.size < leastDevices) return undefined;
  const [first] = vectors.values();
  const sum = new Uint32Array(first!.length);
  for (const vector of vectors.values()) {
    if (vector.length !== sum.length) return undefined;
    apply(sum, vector, 1);
  }
  for (const missing of devices.filter((device) => !vectors.has(device)))
    for (const survivor of vectors.keys()) {
      const mask = revealed.get(missing)?.get(survivor);
      if (mask?.length !== sum.length) return undefined;
      apply(sum, mask, -1);
    }
  return [...sum];
}

function pairOf(device: string, peer: string): readonly [string, string] {
  return device < peer ? [device, peer] : [peer, device];
}

function signOf(device: string, peer: string): 1 | -1 {
  return device < peer ? 1 : -1;
}

function apply(into: Uint32Array, mask: Uint32Array, sign: 1 | -1): void {
  for (let i = 0; i < into.length; i++) into[i] = into[i]! + sign * mask[i]!;
}
