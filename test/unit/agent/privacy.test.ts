import { describe, expect, it } from 'vitest';
import { foundLabels, PrivacyRule, usualPrivacy } from '../../../src/agent/index.ts';
import { type DetectionSettings, defaultDetectionSettings } from '../../../src/perception/index.ts';

const labels = ['car', 'person', 'license plate'];

function ruleOf(privacy: object, settings: Partial<DetectionSettings> = {}): PrivacyRule {
  const cameras = { front: { ...usualPrivacy, ...privacy } };
  return new PrivacyRule({ cameras, settings: () => ({ ...defaultDetectionSettings, ...settings }) });
}

describe('What may be seen of a picture', () => {
  it('is blurred for everybody by default, of every camera', () => {
    const rule = ruleOf({});
    for (const viewer of ['viewer', 'operator', 'admin'] as const)
      for (const camera of ['front', 'new']) expect(rule.preview(camera, viewer, labels)).toBe('blurred');
  });

  it('is what the device says for a role', () => {
    const rule = ruleOf({ viewer: 'boxes', operator: 'blurred', admin: 'plain' });
    expect(rule.preview('front', 'viewer', labels)).toBe('boxes');
    expect(rule.preview('front', 'operator', labels)).toBe('blurred');
    expect(rule.preview('front', 'admin', labels)).toBe('plain');
  });

  it.each([
    [{}, 'blurred'],
    [{ viewer: 'boxes', admin: 'plain' }, 'boxes'],
    [{ viewer: 'plain', operator: 'plain', admin: 'plain' }, 'plain'],
    [{ viewer: 'boxes', graph: 'plain' }, 'plain'],
    [{ viewer: 'plain', operator: 'plain', admin: 'plain', graph: 'blurred' }, 'blurred'],
  ])('on the robot’s own graph: the device says %j: %s', (privacy, mode) => {
    const rule = ruleOf(privacy);
    expect(rule.graph('front', labels)).toBe(mode);
    // No persons are known.
    if (mode === 'blurred') expect(ruleOf(privacy).graph('front', ['car'])).toBe('boxes');
    expect('graph' in rule.report('front', labels)).toBe('graph' in privacy);
  });

  it.each([['car', 'bus'], ['license plate'], []])(
    'is boxes alone where the model knows no persons: %s %s',
    (...known) => {
      const rule = ruleOf({ admin: 'plain' });
      expect(rule.preview('front', 'viewer', known)).toBe('boxes');
      expect(rule.preview('front', 'admin', known)).toBe('plain');
      expect(rule.frames('front', true, known)).toBe('boxes');
    },
  );

  it('is boxes alone where the fleet asks for an IoU that leaves persons out who stand close', () => {
    expect(ruleOf({}, { iouThreshold: 0.3 }).preview('front', 'viewer', labels)).toBe('boxes');
    expect(ruleOf({}, { iouThreshold: 0.9 }).preview('front', 'viewer', labels)).toBe('blurred');
  });

  it('cannot hide persons with a classifier of the whole picture', () => {
    expect(foundLabels({ labels })).toEqual(labels);
    expect(foundLabels({ task: 'classification', labels })).toEqual([]);
  });

  it.each([
    [{}, true, 'blurred'],
    [{}, false, 'plain'],
    [{ frames: 'blurred' }, false, 'blurred'],
    [{ frames: 'boxes' }, false, 'boxes'],
    [{ frames: 'plain' }, true, 'blurred'],
  ])('of hard frames: the device says %j, the fleet wants blur %s: %s', (privacy, blur, mode) => {
    expect(ruleOf(privacy).frames('front', blur, labels)).toBe(mode);
  });

  it('is reported with what the model can hide', () => {
    expect(ruleOf({ frames: 'blurred' }).report('front', labels)).toEqual({
      ...usualPrivacy,
      frames: 'blurred',
      hides: ['person', 'license plate'],
    });
  });
});
