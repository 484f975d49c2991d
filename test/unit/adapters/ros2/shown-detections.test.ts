import { describe, expect, it } from 'vitest';
import { ShownDetections } from '../../../../src/adapters/ros2/shown-detections.ts';
import type { PerceptionResult, TrackedDetection } from '../../../../src/perception/index.ts';

const box = { x1: 1, y1: 2, x2: 3, y2: 4 };
const found = (label: string, over: Partial<TrackedDetection> = {}): TrackedDetection => ({
  ...{ classId: 0, label, score: 0.5, box },
  ...over,
});

function result(stampS: number, detections: TrackedDetection[], over: Partial<PerceptionResult> = {}) {
  const stampNs = BigInt(Math.round(stampS * 1e3)) * 1_000_000n;
  return { camera: 'front', stampNs, detections, ...over } as PerceptionResult;
}
const further = (node: string, stampS: number, labels: string[], over: Partial<PerceptionResult> = {}) =>
  result(
    stampS,
    labels.map((label) => found(label)),
    { further: true, node, ...over },
  );
const labels = (shown: readonly TrackedDetection[]) => shown.map(({ label }) => label);

describe('What is drawn on a picture of a graph', () => {
  it('shows objects of the main node, their nested results under the classes, and the newest of each other node', () => {
    const shown = new ShownDetections();
    shown.note(further('faces', 4.5, ['old face']));
    shown.note(further('faces', 4.9, ['face']));
    shown.note(further('signs', 4.8, ['sign']));
    shown.note(further('signs', 4.9, ['elsewhere'], { camera: 'rear' }));
    const plate = { ...found('plate'), node: 'plates', children: [{ ...found('digit'), node: 'read' }] };
    const attributes = [{ node: 'vest', label: 'orange', score: 0.9 }];
    const main = result(5, [
      found('car', { trackId: 7, children: [plate] }),
      found('person', { attributes }),
    ]);
    expect(labels(shown.of(main))).toEqual(['car', 'plate', 'digit', 'person (orange)', 'face', 'sign']);
    expect(shown.of(main)[0]).toMatchObject({ trackId: 7, box });
  });

  it('is nothing that was found longer than a second ago, or on a clock that was set', () => {
    const shown = new ShownDetections();
    shown.note(further('faces', 5, ['face']));
    expect(labels(shown.of(result(6, [])))).toEqual(['face']);
    expect(labels(shown.of(result(6.001, [])))).toEqual([]);
    shown.note(further('faces', 9, ['later']));
    expect(labels(shown.of(result(6, [])))).toEqual([]);
    // Gone for good.
    expect(labels(shown.of(result(9, [])))).toEqual([]);
  });

  it('has an end', () => {
    const many = Array.from({ length: 500 }, () => found('car'));
    expect(new ShownDetections().of(result(1, many))).toHaveLength(200);
  });
});
