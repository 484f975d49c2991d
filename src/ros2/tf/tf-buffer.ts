import type { StampedTransform, Transform } from '../messages/transforms.ts';
import { FrameHistory, type FrameSample, keptNs, type OutsideHistory } from './frame-history.ts';
import { composed, identity, inverse, normal } from './transform-math.ts';

/** Why there is no transform between two frames at a stamp. */
export type TfMissing =
  | { readonly kind: 'unknown' | 'loop'; readonly frame: string }
  | { readonly kind: 'unconnected'; readonly frame: string; readonly other: string }
  | { readonly kind: 'past' | 'future'; readonly frame: string; readonly byNs: bigint };

/** Why a transform that was told is not, or not only, taken. */
export interface TfProblem {
  readonly kind: 'name' | 'self' | 'numbers' | 'frames' | 'old' | 'parents';
  readonly child: string;
  readonly parent: string;
}

export type TfLookup = { readonly transform: Transform } | { readonly missing: TfMissing };

export const tfLimits = {
  frames: 1024,
  /** Of all frames; each has its even part of them, and 4096 at most. */
  samples: 65_536,
  samplesOfFrame: 4096,
  /** Links from a frame to the root. */
  depth: 256,
  /** Octets of a name. */
  name: 255,
} as const;

/** As tf2: of the square of a quaternion's length. */
const normTolerance = 10e-3;

/**
 * The tree of frames with its last ten seconds, as tf2::BufferCore keeps it: static transforms hold at any stamp, others between
 * two that were told. What lies outside is not guessed.
 */
export class TfBuffer {
  readonly #moving = new Map<string, FrameHistory>();
  readonly #fixed = new Map<string, FrameSample>();

  /** What does not fit is left out, and said. */
  add(told: StampedTransform, isStatic: boolean): TfProblem | undefined {
    const { stampNs, translation } = told;
    const [parent, child] = [frameName(told.parent), frameName(told.child)];
    const problem = (kind: TfProblem['kind']) => ({ kind, ...{ child, parent } });
    if (!isName(parent) || !isName(child)) return problem('name');
    if (parent === child) return problem('self');
    if (!isSound(told)) return problem('numbers');
    if (!this.#has(child) && !this.#hasRoom(isStatic ? undefined : stampNs)) return problem('frames');
    const sample = { stampNs, parent, translation, rotation: normal(told.rotation) };
    return isStatic ? this.#fix(child, sample, problem) : this.#move(child, sample, problem);
  }

  /** What moves is forgotten; static transforms stay. */
  clear(): void {
    this.#moving.clear();
  }

  /** Points of `source` in `target` at a stamp, or why they are not known. */
  lookup(target: string, source: string, stampNs: bigint, toleranceNs = 0n): TfLookup {
    const [to, from] = [frameName(target), frameName(source)];
    if (to === from) return { transform: identity };
    const up = this.#chain(from, stampNs, toleranceNs);
    const down = this.#chain(to, stampNs, toleranceNs);
    for (const [frame, targetThere] of down) {
      const sourceThere = up.get(frame);
      if (sourceThere !== undefined) return { transform: composed(inverse(targetThere), sourceThere) };
    }
    return { missing: this.#why(from, to, stampNs, toleranceNs) };
  }

  #fix(child: string, sample: FrameSample, problem: (kind: TfProblem['kind']) => TfProblem) {
    const before = this.#fixed.get(child);
    this.#moving.delete(child);
    this.#fixed.set(child, sample);
    return before === undefined || before.parent === sample.parent ? undefined : problem('parents');
  }

  #move(child: string, sample: FrameSample, problem: (kind: TfProblem['kind']) => TfProblem) {
    // It is what was told of it last.
    this.#fixed.delete(child);
    let history = this.#moving.get(child);
    if (history === undefined) {
      history = new FrameHistory();
      this.#moving.set(child, history);
      for (const each of this.#moving.values()) each.trim(this.#limit);
    }
    if (!history.add(sample, this.#limit)) return problem('old');
    if ((history.wentOnNs ?? 0n) > keptNs) this.#forgetGone();
    return history.torn ? problem('parents') : undefined;
  }

  /**
   * Frames of which nothing was told while another one went on by ten seconds. By that one's own stamps: a frame whose clock is wrong
   * drives out no others.
   */
  #forgetGone(): void {
    for (const [child, history] of this.#moving)
      if (history.wentOnNs === undefined) this.#moving.delete(child);
      else history.restart();
  }

  /** For one more frame: where there is none, those give way that are more than ten seconds older than it, or than the newest one. */
  #hasRoom(stampNs: bigint | undefined): boolean {
    const isFull = () => this.#moving.size + this.#fixed.size >= tfLimits.frames;
    if (!isFull()) return true;
    let nowNs = stampNs ?? 0n;
    if (stampNs === undefined)
      for (const { newestNs } of this.#moving.values()) if (newestNs > nowNs) nowNs = newestNs;
    for (const [child, { newestNs }] of this.#moving)
      if (newestNs < nowNs - keptNs) this.#moving.delete(child);
    return !isFull();
  }

  get #limit(): number {
    return Math.min(tfLimits.samplesOfFrame, Math.floor(tfLimits.samples / Math.max(1, this.#moving.size)));
  }

  #has(child: string): boolean {
    return this.#fixed.has(child) || this.#moving.has(child);
  }

  /** A frame in each frame on its way to the root, as far as that is known at a stamp. */
  #chain(start: string, stampNs: bigint, toleranceNs: bigint) {
    const frames = new Map<string, Transform>();
    let there = identity;
    for (let frame = start; !frames.has(frame) && frames.size <= tfLimits.depth; ) {
      frames.set(frame, there);
      const link = this.#fixed.get(frame) ?? this.#moving.get(frame)?.at(stampNs, toleranceNs);
      if (link === undefined || isOutside(link)) break;
      there = composed(link, there);
      frame = link.parent;
    }
    return frames;
  }

  /** By the tree as it is now: of the links between the two, the one that is not known at this stamp. */
  #why(from: string, to: string, stampNs: bigint, toleranceNs: bigint): TfMissing {
    const unknown = [from, to].find((frame) => !this.#isKnown(frame));
    if (unknown !== undefined) return { kind: 'unknown', frame: unknown };
    const [up, down] = [this.#path(from), this.#path(to)];
    const common = up.frames.findIndex((frame) => down.frames.includes(frame));
    if (common < 0) {
      const frame = up.loop ?? down.loop;
      return frame === undefined ? { kind: 'unconnected', frame: from, other: to } : { kind: 'loop', frame };
    }
    const below = down.frames.slice(0, down.frames.indexOf(up.frames[common]!));
    const outside = [...up.frames.slice(0, common), ...below].flatMap((frame): TfMissing[] => {
      const link = this.#moving.get(frame)?.at(stampNs, toleranceNs);
      return link !== undefined && isOutside(link) ? [{ kind: link.side, frame, byNs: link.byNs }] : [];
    });
    // What is gone does not come any more; what is not here yet may.
    const first = outside.find(({ kind }) => kind === 'past') ?? outside[0];
    // Connected now, and not then.
    return first ?? { kind: 'unconnected', frame: from, other: to };
  }

  #path(start: string): { readonly frames: readonly string[]; readonly loop?: string } {
    const frames = new Set<string>();
    for (let frame = start; ; ) {
      if (frames.has(frame) || frames.size > tfLimits.depth) return { frames: [...frames], loop: frame };
      frames.add(frame);
      const parent = (this.#fixed.get(frame) ?? this.#moving.get(frame))?.parent;
      if (parent === undefined) return { frames: [...frames] };
      frame = parent;
    }
  }

  #isKnown(frame: string): boolean {
    if (this.#has(frame)) return true;
    for (const { parent } of this.#fixed.values()) if (parent === frame) return true;
    for (const { parent } of this.#moving.values()) if (parent === frame) return true;
    return false;
  }
}

/** Those of ROS 1 began with a slash. */
export function frameName(name: string): string {
  return name.startsWith('/') ? name.slice(1) : name;
}

function isName(name: string): boolean {
  return name !== '' && name.length <= tfLimits.name;
}

function isSound({ translation, rotation: q }: Transform): boolean {
  const { x, y, z } = translation;
  const square = q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w;
  return [x, y, z].every(Number.isFinite) && Math.abs(square - 1) < normTolerance;
}

function isOutside(link: FrameSample | OutsideHistory): link is OutsideHistory {
  return 'side' in link;
}
