import { describe, expect, it } from 'vitest';
import type { DesiredSettings } from '../../../src/api/index.ts';
import { fieldsOf, problemIn, withFields } from '../../../src/dashboard/settings/group-settings.ts';

const settings: DesiredSettings = {
  pipelines: {
    '*': { scoreThreshold: 0.4, classes: ['car', 'bus'], rules: { zones: {} } },
    front: { enabled: false },
  },
};

describe('The pipeline settings of a group', () => {
  it('come back as they were where nothing was changed', () => {
    for (const camera of ['*', 'front', 'rear'])
      expect(withFields(settings, fieldsOf(settings, camera))).toEqual(settings);
  });

  it('are changed field by field, and what the form does not have stays', () => {
    const fields = { ...fieldsOf(settings, '*'), scoreThreshold: '', classes: 'dog', maxDetections: '20' };
    expect(withFields(settings, fields).pipelines?.['*']).toEqual({
      ...{ classes: ['dog'], maxDetections: 20, rules: { zones: {} } },
    });
    const off = { ...fieldsOf(settings, 'front'), enabled: '' as const };
    expect(withFields(settings, off).pipelines).not.toHaveProperty('front');
  });

  it.each([
    [{ camera: ' ' }, /Name a camera/],
    [{ scoreThreshold: '1.5' }, /0 to 1/],
    [{ iouThreshold: 'x' }, /0 to 1/],
    [{ maxDetections: '0' }, /whole number/],
  ])('say what is wrong with %j', (part, words) => {
    expect(problemIn({ ...fieldsOf({}, '*'), ...part })).toMatch(words);
    expect(problemIn(fieldsOf(settings, '*'))).toBeUndefined();
  });
});
