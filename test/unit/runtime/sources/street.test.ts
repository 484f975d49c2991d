import { describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import { isStreet, parseStreet } from '../../../../src/runtime/sources/street.ts';

function refusal(spec: string): string {
  try {
    parseStreet(spec);
    return 'none';
  } catch (error) {
    return error instanceof GoshawkError ? `${error.code} ${error.message}` : String(error);
  }
}

describe('The source sim', () => {
  it('is a clear street without more words', () => {
    expect(parseStreet('sim')).toEqual({ conditions: {}, afterMs: 0 });
  });

  it('takes conditions with their severity, now or later', () => {
    expect(parseStreet('sim?fog=4&traffic=2.5&after=20s')).toEqual({
      conditions: { fog: 4, traffic: 2.5 },
      afterMs: 20_000,
    });
  });

  it('is told from files whose names begin alike', () => {
    expect(['sim', 'sim?fog=1', 'sim.mp4', 'simulation/', 'Sim'].map(isStreet)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it.each([
    ['sim?snow=3', '"snow" is not a condition'],
    ['sim?fog=6', 'fog runs from 0 to 5'],
    ['sim?fog=-1', 'fog runs from 0 to 5'],
    ['sim?fog=', 'fog runs from 0 to 5'],
    ['sim?fog=much', 'fog runs from 0 to 5'],
    ['sim?fog=3&after=soon', '"soon" is not a duration'],
  ])('refuses %s', (spec, why) => {
    expect(refusal(spec)).toContain(`street-source The source ${spec} is not valid: ${why}`);
  });
});
