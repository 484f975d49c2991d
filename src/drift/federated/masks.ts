import { InternalError } from '../../base/index.ts';

/*
 * Secure summation by pairwise masks (Bonawitz et al. 2017, without its double masks). Every pair of devices has a secret that
 * the controller does not know; both make the same numbers out of it, one adds them to its counts and the other takes them
 * away. A masked vector by itself is noise to whoever has not the secrets; in the sum of all of them the masks are gone.
 *
 * Promised against a controller that looks at everything and follows the protocol: it learns the sum and who took part. Not
 * promised: against a controller that together with all but two devices pools what it knows (it learns the sum of those
 * two); against a device that lies about its counts.
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

/** Fewer than this, and the sum says too much of one. */
const leastDevices = 3;

/** The sum over all `devices` that began the round; undefined where one is missing or there are too few. */
export function sumMasked(
  vectors: ReadonlyMap<string, Uint32Array>,
  devices: readonly string[],
): number[] | undefined {
  if (vectors.size < leastDevices || devices.some((device) => !vectors.has(device))) return undefined;
  const [first] = vectors.values();
  const sum = new Uint32Array(first!.length);
  for (const vector of vectors.values()) {
    if (vector.length !== sum.length) return undefined;
    apply(sum, vector, 1);
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
