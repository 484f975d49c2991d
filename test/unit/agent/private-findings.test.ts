import { beforeEach, describe, expect, it } from 'vitest';
import { type OtherNode, PrivacyRule, PrivateFindings } from '../../../src/agent/index.ts';
import {
  defaultCameraSettings,
  type PerceptionResult,
  type TrackedDetection,
} from '../../../src/perception/index.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const plates: OtherNode = { node: 'plates', labels: ['plate'], classes: [], frames: false, working: true };
const faces: OtherNode = {
  node: 'faces',
  labels: ['face', 'mask'],
  classes: [],
  frames: true,
  working: true,
};
const car = ['car'];
const known = ['car', 'person'];

const at = (x: number) => ({ x1: x, y1: 0, x2: x + 10, y2: 10 });
const seen = (label: string, x: number, more: Partial<TrackedDetection> = {}): TrackedDetection => ({
  ...{ classId: 0, label, score: 0.9, box: at(x), ...more },
});

describe('What other models of a camera find', () => {
  let clock: FakeClock;
  let others: readonly OtherNode[];
  let findings: PrivateFindings;
  let rule: PrivacyRule;

  beforeEach(() => {
    clock = new FakeClock();
    others = [plates];
    findings = new PrivateFindings({ clock, others: () => others });
    rule = new PrivacyRule({ cameras: {}, settings: () => defaultCameraSettings, findings });
  });

  const result = (node: string, ...detections: readonly TrackedDetection[]) =>
    ({ camera: 'front', node, width: 1000, height: 100, detections }) as unknown as PerceptionResult;
  /** The left edges of what is hidden on a picture of the main node. */
  const hidden = (...detections: readonly TrackedDetection[]) =>
    rule.hidden(result('detect', ...detections)).boxes.map(({ x1 }) => x1 + 1);
  const plateIn = (x: number, plateX: number) =>
    seen('car', x, { children: [{ ...seen('plate', plateX), node: 'plates' }] });

  it('is hidden in the frame that it was found in, however deep', () => {
    const deep = seen('car', 100, {
      children: [{ ...seen('window', 110), node: 'w', children: [{ ...seen('face', 120), node: 'faces' }] }],
    });
    findings.publish(result('detect', plateIn(0, 50), deep));
    expect(hidden(seen('car', 0))).toEqual([50, 120]);
    expect(rule.hidden(result('detect')).labels).toEqual(['plate', 'face']);
  });

  it('is all of what a classifier calls a person', () => {
    const one = seen('shape', 30, { attributes: [{ node: 'who', label: 'person', score: 0.8 }] });
    findings.publish(result('detect', one));
    expect(hidden()).toEqual([30]);
  });

  it('stays hidden for two seconds: a node on crops does not look at every frame', () => {
    findings.publish(result('detect', plateIn(0, 50)));
    clock.advance(1_000);
    findings.publish(result('detect', plateIn(20, 70)));
    expect(hidden()).toEqual([50, 70]);
    clock.advance(1_500);
    findings.publish(result('detect', seen('car', 40)));
    expect(hidden()).toEqual([70]);
    clock.advance(600);
    expect(hidden()).toEqual([]);
  });

  it('of a node on frames stays hidden until its next result: the node may rest without motion', () => {
    others = [faces];
    findings.publish(result('faces', seen('face', 40), seen('mask', 80)));
    clock.advance(60_000);
    findings.publish(result('detect', seen('car', 0)));
    expect(hidden()).toEqual([40]);
    findings.publish(result('faces'));
    expect(hidden()).toEqual([]);
  });

  it('is not the main node’s own: that is of its frame alone', () => {
    findings.publish(result('detect', seen('person', 10)));
    expect(hidden()).toEqual([]);
    expect(hidden(seen('person', 200))).toEqual([200]);
  });

  it('gives boxes alone until a model on frames that knows faces has looked', () => {
    others = [faces, plates];
    expect(rule.preview('front', 'viewer', known)).toBe('boxes');
    expect(rule.frames('front', true, known)).toBe('boxes');
    findings.publish(result('faces'));
    expect(rule.preview('front', 'viewer', known)).toBe('blurred');
    expect(rule.frames('front', true, known)).toBe('blurred');
  });

  it.each([
    ['rests for the ladder', { working: false }],
    ['has lost its model', { working: false, labels: [] }],
  ])('gives boxes alone while a node that knows plates %s', (_why, change) => {
    expect(rule.preview('front', 'viewer', known)).toBe('blurred');
    others = [{ ...plates, ...change }];
    expect(rule.preview('front', 'viewer', known)).toBe('boxes');
    others = [plates];
    expect(rule.preview('front', 'viewer', known)).toBe('blurred');
    // Another model there, which knows none.
    others = [{ ...plates, labels: ['sign'] }];
    rule.preview('front', 'viewer', known);
    others = [{ ...plates, working: false, labels: [] }];
    expect(rule.preview('front', 'viewer', known)).toBe('blurred');
  });

  it('gives boxes alone where a model on crops is not asked for plates', () => {
    others = [{ ...plates, labels: ['plate', 'lamp'], classes: ['lamp'] }];
    expect(rule.preview('front', 'viewer', known)).toBe('boxes');
  });

  it('is what a model on frames saw before its settings left anything out', () => {
    others = [{ ...faces, classes: ['mask'] }];
    findings.publish({ ...result('faces'), sought: [seen('face', 40)] });
    expect(hidden()).toEqual([40]);
  });

  it('gives boxes alone where the main model knows no persons and the one that does has not looked just now', () => {
    others = [faces];
    const mode = () => rule.preview('front', 'viewer', car);
    expect(mode()).toBe('boxes');
    findings.publish(result('faces'));
    expect(mode()).toBe('blurred');
    // It rests while nothing moves, or looks at every thousandth frame.
    clock.advance(2_000);
    expect(mode()).toBe('boxes');
    findings.publish(result('faces'));
    others = [{ ...faces, iouThreshold: 0.01 }];
    expect(mode()).toBe('boxes');
    others = [plates];
    expect(mode()).toBe('boxes');
  });

  it('is reported among what can be hidden', () => {
    others = [faces, plates];
    expect(rule.report('front', [...car, 'person']).hides).toEqual(['person', 'face', 'plate']);
    others = [faces, { ...plates, working: false }];
    expect(rule.report('front', car).hides).toEqual(['face']);
  });

  it('is forgotten with the graph, and bounded', () => {
    findings.publish(result('detect', ...Array.from({ length: 3_000 }, (_, i) => plateIn(0, i % 900))));
    expect(hidden()).toHaveLength(1_000);
    others = [];
    findings.publish(result('detect'));
    expect(hidden()).toEqual([]);
  });
});
