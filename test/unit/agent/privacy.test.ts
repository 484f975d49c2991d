import { describe, expect, it } from 'vitest';
import { PrivacyRule, usualPrivacy } from '../../../src/agent/index.ts';

const labels = ['car', 'person', 'license plate'];

function ruleOf(privacy: object, classes: readonly string[] = []): PrivacyRule {
  return new PrivacyRule({ cameras: { front: { ...usualPrivacy, ...privacy } }, classes: () => classes });
}

describe('What may be seen of a picture', () => {
  it('is blurred for everybody by default, of every camera', () => {
    const rule = ruleOf({});
    for (const viewer of ['viewer', 'operator', 'admin', 'any'] as const)
      for (const camera of ['front', 'new']) expect(rule.preview(camera, viewer, labels)).toBe('blurred');
  });

  it('is what the device says for a role, and the strictest of all where the role is not known', () => {
    const rule = ruleOf({ viewer: 'boxes', operator: 'blurred', admin: 'plain' });
    expect(rule.preview('front', 'viewer', labels)).toBe('boxes');
    expect(rule.preview('front', 'operator', labels)).toBe('blurred');
    expect(rule.preview('front', 'admin', labels)).toBe('plain');
    expect(rule.preview('front', 'any', labels)).toBe('boxes');
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
    // It asks for cars alone, so persons are not known.
    if (mode === 'blurred') expect(ruleOf(privacy, ['car']).graph('front', labels)).toBe('boxes');
    expect('graph' in rule.report('front', labels)).toBe('graph' in privacy);
  });

  it('is boxes alone where the model would know persons and is not asked for them', () => {
    const rule = ruleOf({ admin: 'plain' }, ['car']);
    expect(rule.preview('front', 'viewer', labels)).toBe('boxes');
    expect(rule.preview('front', 'admin', labels)).toBe('plain');
    expect(rule.preview('front', 'viewer', ['car', 'bus'])).toBe('blurred');
    expect(rule.frames('front', true, labels)).toBe('boxes');
    expect(rule.report('front', labels).hides).toEqual([]);
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
