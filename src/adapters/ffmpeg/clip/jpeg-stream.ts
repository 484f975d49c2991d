import type { ClipPart } from '../../../agent/index.ts';
import type { StreamPacket } from '../../../perception/index.ts';
import type { Span } from './hiding.ts';

const mostFps = 30;

/** The pace at which pictures of their own times are played: about as many a second as there were. */
export function paceOf({ firstNs, lastNs, packets }: ClipPart): number {
  const seconds = Number(lastNs - firstNs) / 1e9;
  if (seconds <= 0) return 1;
  return Math.min(mostFps, Math.max(1, Math.round((packets.length - 1) / seconds)));
}

/** For every tick the newest picture: a camera that gave none shows its last one for so long. */
export function* picturesAtPace(
  { firstNs, lastNs, packets }: ClipPart,
  fps: number,
): Generator<StreamPacket> {
  let at = 0;
  for (let tick = 0; ; tick++) {
    const timeNs = firstNs + (BigInt(tick) * 1_000_000_000n) / BigInt(fps);
    if (timeNs > lastNs && tick > 0) return;
    while (at + 1 < packets.length && packets[at + 1]!.timeNs <= timeNs) at += 1;
    yield packets[at]!;
  }
}

export function* jpegsAtPace(part: ClipPart, fps: number): Generator<Uint8Array> {
  for (const { bytes } of picturesAtPace(part, fps)) yield bytes;
}

/** Of the picture that is shown, not of the tick: it may be an older one. */
export function* spansAtPace(part: ClipPart, fps: number): Generator<Span> {
  for (const { timeNs } of picturesAtPace(part, fps)) yield { fromNs: timeNs, untilNs: timeNs };
}
