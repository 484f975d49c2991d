import { describe, expect, it } from 'vitest';
import { targetWords } from '../../../src/cli/fleet/owner.ts';

const device = (id: string) => ({ id, online: true });
const many = Array.from({ length: 23 }, (_, at) => device(`cam-${at}`));

describe('targetWords', () => {
  it.each([
    [{ devices: [], unknown: [] }, 'No device that has reported is concerned'],
    [{ devices: [device('cam-1')], unknown: [] }, 'Concerns 1 device: cam-1'],
    [
      { devices: [device('cam-1'), device('cam-2')], unknown: ['cam-9'] },
      'Concerns 2 devices: cam-1, cam-2; not reported yet: cam-9',
    ],
  ])('names every device', (answer, words) => {
    expect(targetWords(answer)).toBe(words);
  });

  it('names the first 20 of many, and says where all are listed', () => {
    expect(targetWords({ devices: many, unknown: [] })).toMatch(/cam-19, 3 more \(--dry-run lists them\)$/);
  });
});
