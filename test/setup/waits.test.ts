import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The arguments of each call of a function, as they are written. */
function callsOf(name: string, text: string): string[][] {
  return text
    .split(`${name}(`)
    .slice(1)
    .map((rest) => {
      const given = [''];
      let depth = 0;
      for (const character of rest) {
        if (')]}'.includes(character)) depth -= 1;
        if (depth < 0) break;
        if ('([{'.includes(character)) depth += 1;
        if (character === ',' && depth === 0) given.push('');
        else given[given.length - 1] += character;
      }
      return given.map((one) => one.trim()).filter((one) => one !== '');
    });
}

describe('A test that waits', () => {
  it('says for how long: vi.waitFor alone gives up after a second, and vitest.config.ts cannot change that', () => {
    expect(callsOf('wait', 'wait(() => f(1, [2, 3])); wait(\n  () => 1,\n  { a: 1 },\n)')).toEqual([
      ['() => f(1, [2, 3])'],
      ['() => 1', '{ a: 1 }'],
    ]);
    const tests = resolve(import.meta.dirname, '..');
    const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((one) =>
      one.endsWith('.ts'),
    );
    const short = files.filter((file) => {
      const text = readFileSync(join(tests, file), 'utf8');
      return ['vi.waitFor', 'vi.waitUntil'].some((name) =>
        callsOf(name, text).some((given) => given.length === 1),
      );
    });
    expect(short).toEqual([]);
  });
});
