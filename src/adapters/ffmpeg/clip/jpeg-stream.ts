import type { ClipPart } from '../../../agent/index.ts';

const mostFps = 30;

/** The pace at which pictures of their own times are played: about as many a second as there were. */
export function paceOf({ firstNs, lastNs, packets }: ClipPart): number {
  const seconds = Number(lastNs - firstNs) / 1e9;
  if (seconds <= 0) return 1;
  return Math.min(mostFps, Math.max(1, Math.round((packets.length - 1) / seconds)));
}

/** For every tick the newest picture: a camera that gave none shows its last one for so long. */
export function* jpegsAtPace({ firstNs, lastNs, packets }: ClipPart, fps: number): Generator<Uint8Array> {
  let at = 0;
  for (let tick = 0; ; tick++) {
    const timeNs = firstNs + (BigInt(tick) * 1_000_000_000n) / BigInt(fps);
    if (timeNs > lastNs && tick > 0) return;
    while (at + 1 < packets.length && packets[at + 1]!.timeNs <= timeNs) at += 1;
    yield packets[at]!.bytes;
  }
}
