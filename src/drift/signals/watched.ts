import { type Static, Type } from '@sinclair/typebox';
import { canonicalJson } from '../../base/index.ts';
import { type PerceptionResult, type TrackedDetection, ZoneArea } from '../../perception/index.ts';

/*
 * Which objects of a camera are watched. Those that are not still hide the place behind them, and explain what moves there.
 */

const Area = Type.Object({
  points: Type.Array(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }), { minItems: 3, maxItems: 64 }),
  anchor: Type.Optional(
    Type.Union([Type.Literal('bottom-center'), Type.Literal('center'), Type.Literal('top-center')]),
  ),
});

/** Objects inside of any zone of `within`, where there is one, and of none of `outside`. */
export const WatchedAreas = Type.Object({
  within: Type.Array(Area, { maxItems: 32 }),
  outside: Type.Array(Area, { maxItems: 32 }),
});
export type WatchedAreas = Static<typeof WatchedAreas>;

interface WatchedDetection extends TrackedDetection {
  /** Its object is not watched. */
  readonly unwatched?: true;
}

export interface WatchedResult extends PerceptionResult {
  readonly detections: readonly WatchedDetection[];
}

/** Says of each object whether it is watched. */
export class WatchedObjects {
  readonly #within: readonly ZoneArea[];
  readonly #outside: readonly ZoneArea[];

  constructor({ within, outside }: WatchedAreas) {
    this.#within = within.map(areaOf);
    this.#outside = outside.map(areaOf);
  }

  mark(result: PerceptionResult): WatchedResult {
    const { width, height } = result;
    const detections = result.detections.map((detection): WatchedDetection => {
      const { x1, y1, x2, y2 } = detection.box;
      // A box that is nowhere is in no zone, and is what a broken model gives: it is never left out.
      if (![x1, y1, x2, y2].every(Number.isFinite)) return detection;
      const isIn = (area: ZoneArea) => area.contains(detection.box, width, height);
      const watched = (this.#within.length === 0 || this.#within.some(isIn)) && !this.#outside.some(isIn);
      return watched ? detection : { ...detection, unwatched: true };
    });
    return { ...result, detections };
  }
}

/** A profile of some objects is not valid for others. */
export function sameAreas(one: WatchedAreas | undefined, other: WatchedAreas | undefined): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

function areaOf({ points, anchor }: WatchedAreas['within'][number]): ZoneArea {
  const corners = points as [number, number][];
  return new ZoneArea(anchor === undefined ? { points: corners } : { points: corners, anchor });
}
