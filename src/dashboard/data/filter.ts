import type { FrameReview, HardFrame } from '../../api/index.ts';

export const frameReasons = [
  ['', 'All'],
  ['alarm', 'Alarm'],
  ['low-margin', 'Uncertain'],
  ['random', 'Random'],
] as const;

export const reviewStates = [
  ['', 'All'],
  ['open', 'Not reviewed'],
  ['accepted', 'Accepted'],
  ['rejected', 'Rejected'],
] as const;

export const dataViews = [
  ['', 'Cameras'],
  ['frames', 'Frames'],
] as const;

export interface FrameFilter {
  readonly device: string;
  readonly camera: string;
  readonly reason: string;
  readonly review: string;
  /** `frames`: those of several devices in one grid, instead of a list of cameras. */
  readonly view: string;
  /** Of devices and cameras. */
  readonly q: string;
}

/** From the address. */
export function readFilter(query: ReadonlyMap<string, string>): FrameFilter {
  const known = (name: string, states: readonly (readonly [string, string])[]): string =>
    states.find(([state]) => state === query.get(name))?.[0] ?? '';
  return {
    device: query.get('device') ?? '',
    camera: query.get('camera') ?? '',
    reason: known('reason', frameReasons),
    review: known('review', reviewStates),
    view: known('view', dataViews),
    q: query.get('q') ?? '',
  };
}

/** The device answers by camera; the rest is chosen here. */
export function fitsFilter(
  frame: Pick<HardFrame, 'id' | 'reason'>,
  { reason, review }: FrameFilter,
  reviews: Readonly<Record<string, FrameReview>>,
): boolean {
  const verdict = reviews[frame.id]?.verdict;
  return (reason === '' || frame.reason === reason) && (review === '' || (verdict ?? 'open') === review);
}
