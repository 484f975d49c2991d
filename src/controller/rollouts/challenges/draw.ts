import { mostChallenges } from '../../../protocol/index.ts';
import type { Challenge } from './ports.ts';

/** Bytes of chance in a challenge. */
const bytesEach = 9;
const leastGain = 192;
const gains = 129;

/** Pictures that nobody knew before: which frame, and how it is mirrored, rolled and lit. The draw is the nonce. */
export function drawChallenges(
  frames: readonly string[],
  randomBytes: (count: number) => Uint8Array,
): Challenge[] {
  if (frames.length === 0) return [];
  const bytes = randomBytes(bytesEach * mostChallenges);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: mostChallenges }, (_, at): Challenge => {
    const from = at * bytesEach;
    return {
      frame: frames[view.getUint16(from) % frames.length]!,
      mirrored: view.getUint8(from + 2) % 2 === 1,
      right: view.getUint16(from + 3),
      down: view.getUint16(from + 5),
      gain: leastGain + (view.getUint16(from + 7) % gains),
    };
  });
}
