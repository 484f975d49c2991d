import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../../src/adapters/yaml/index.ts';

describe('A YAML file', () => {
  test('is plain values, and JSON is YAML', () => {
    expect(readYaml('a: 1\nb: [x, yes, 2026-11-27]\n')).toEqual({ a: 1, b: ['x', 'yes', '2026-11-27'] });
    expect(readYaml('{"a": {"b": null}}')).toEqual({ a: { b: null } });
    expect(readYaml('')).toBeNull();
    expect(readYaml('a: &x {site: west}\nb: *x\n')).toEqual({ a: { site: 'west' }, b: { site: 'west' } });
  });

  test.each([
    ['a circle', 'a: &a\n  b: *a\n', 'yaml-circle'],
    ['a list in itself', '- &l\n  - *l\n', 'yaml-circle'],
    [
      'anchors that multiply',
      `a: &a [x, x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f', 'g']
        .map((key, at) => `${key}: &${key} [${Array(10).fill(`*${'abcdef'[at]}`).join(', ')}]`)
        .join('\n')}`,
      'yaml-circle',
    ],
    ['a key twice', 'a: 1\na: 2\n', 'yaml-form'],
    ['no YAML', 'a: [1, 2\nb', 'yaml-form'],
    ['too much', `a: ${'x'.repeat(5_000_000)}`, 'yaml-large'],
  ])('with %s is refused', (_, text, code) => {
    expect(() => readYaml(text)).toThrow(expect.objectContaining({ code }));
  });
});
