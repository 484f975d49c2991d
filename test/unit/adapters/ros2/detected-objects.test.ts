import { describe, expect, it } from 'vitest';
import { detectedObjects } from '../../../../src/adapters/ros2/detected-objects.ts';
import { CdrWriter, readDetections, writeDetections } from '../../../../src/ros2/index.ts';

const box = { x1: 0, y1: 0, x2: 10, y2: 20 };
const car = { classId: 0, label: 'car', score: 0.9, box };
const header = { stampNs: 5n, frameId: 'front' };

describe('detections of a graph for ROS', () => {
  it('are what they were where no other node looked at them', () => {
    const plain = [car];
    expect(detectedObjects(plain)).toBe(plain);
  });

  it('have the angle of a rotated box, also one that was found inside of another', () => {
    const ship = { ...car, rotated: { cx: 5, cy: 9, width: 8, height: 2, angle: 0.5 } };
    const objects = detectedObjects([ship, { ...car, children: [{ ...ship, node: 'ships' }] }]);
    const { detections } = readDetections(writeDetections(new CdrWriter(), header, objects));
    expect(detections.map(({ theta }) => theta)).toEqual([0.5, 0, 0.5]);
    expect(detections[0]?.box).toEqual({ x1: 1, y1: 8, x2: 9, y2: 10 });
  });

  it('have a hypothesis for what a classifier said, and one detection for each that was found inside', () => {
    const plate = {
      ...car,
      label: 'plate',
      node: 'plates',
      attributes: [{ node: 'read', label: 'AB', score: 0.5 }],
    };
    const objects = detectedObjects([
      { ...car, attributes: [{ node: 'colour', label: 'red', score: 0.75 }] },
      { ...car, trackId: 7, children: [plate] },
      { ...car, children: [plate] },
    ]);
    const { detections } = readDetections(writeDetections(new CdrWriter(), header, objects));
    expect(detections.map(({ id, hypotheses }) => [id, hypotheses.map(({ classId }) => classId)])).toEqual([
      ['', ['car', 'colour:red']],
      ['7', ['car']],
      ['7/plates/0', ['plate', 'read:AB']],
      ['#2', ['car']],
      ['#2/plates/0', ['plate', 'read:AB']],
    ]);
    expect(detections[0]).toMatchObject({ box, hypotheses: [{ score: 0.9 }, { score: 0.75 }] });
  });
});
