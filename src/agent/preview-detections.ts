import { defined } from '../base/index.ts';
import {
  type ChildDetection,
  outlinesOf,
  type PerceptionResult,
  type TrackedDetection,
} from '../perception/index.ts';
import type { Preview } from '../protocol/index.ts';
import type { PictureMode } from './privacy.ts';
import { isPrivateLabel } from './private-boxes.ts';

type Shown = Preview['detections'][number];

const mostBoxes = 200;
const mostAttributes = 8;
/** What a further node found on an older frame than the picture's is shown so long. */
const freshMs = 1_000;
/** Numbers of all outlines of a picture, 3 bytes each: a small part of what its JPEG has. */
const mostOutline = 4_000;
const mostRings = 100;

/** What is drawn on a live picture: what the main node found, what was found in that, and what further nodes found lately. */
export class PreviewDetections {
  /** By camera, then node. */
  readonly #further = new Map<
    string,
    Map<string, { readonly result: PerceptionResult; readonly atMs: number }>
  >();

  /** The result of a further node. `nowMs`: monotonic. */
  note(result: PerceptionResult, nowMs: number): void {
    const nodes = this.#further.get(result.camera) ?? new Map();
    this.#further.set(result.camera, nodes);
    nodes.set(result.node ?? '', { result, atMs: nowMs });
  }

  of({ camera, detections }: PerceptionResult, nowMs: number): Shown[] {
    const nodes = this.#further.get(camera);
    for (const [node, { atMs }] of nodes ?? []) if (nowMs - atMs > freshMs) nodes?.delete(node);
    const further = [...(nodes?.values() ?? [])].flatMap(({ result }) => result.detections);
    return [...detections, ...further].flatMap(shown).slice(0, mostBoxes);
  }
}

/** As a picture of this mode may have them: the outline of a person says more of her than a box. */
export function detectionsIn(mode: PictureMode, detections: readonly Shown[]): Shown[] {
  let left = mostOutline;
  return detections.map(({ mask, ...others }) => {
    const length = mask?.reduce((sum, ring) => sum + ring.length, 0) ?? 0;
    const isHidden = mode === 'boxes' || (mode === 'blurred' && isPrivateLabel(others.label));
    if (mask === undefined || isHidden || length > left) return others;
    left -= length;
    return { ...others, mask };
  });
}

function shown(detection: TrackedDetection | ChildDetection): Shown[] {
  const { label, score, box, mask, attributes = [], children = [] } = detection;
  const trackId = 'trackId' in detection ? detection.trackId : undefined;
  return [
    {
      ...{ label, score, box: [box.x1, box.y1, box.x2, box.y2] },
      ...defined({ trackId }),
      ...(mask === undefined
        ? {}
        : {
            mask: outlinesOf(mask, box)
              .slice(0, mostRings)
              .map((ring) => ring.map(Math.round)),
          }),
      ...(attributes.length === 0
        ? {}
        : {
            attributes: attributes
              .slice(0, mostAttributes)
              .map((said) => ({ label: said.label, score: said.score })),
          }),
    },
    ...children.flatMap(shown),
  ];
}
