import { describe, expect, it } from 'vitest';
import { cameraHealth } from '../../../src/dashboard/ui/camera-health.ts';

const blind = { kind: 'blind', camera: 'front', what: 'frozen', sinceMs: 5 } as const;
const slow = { kind: 'rate-missed', camera: 'front', what: '6 of 10 frames/s' } as const;
const other = { kind: 'blind', camera: 'rear', what: 'black' } as const;
const ofDevice = { kind: 'disk-low', what: 'disk low' } as const;

describe('cameraHealth', () => {
  it.each([
    ['well', true, [other, ofDevice], 'ok', []],
    ['frozen', true, [blind], 'blind', ['frozen']],
    ['frozen and slow', true, [slow, blind], 'blind', ['frozen', '6 of 10 frames/s']],
    ['slow', true, [slow], 'degraded', ['6 of 10 frames/s']],
    ['of a device that is away', false, [blind], 'offline', []],
  ] as const)('says of a camera that is %s what its device says', (_, online, problems, state, what) => {
    const health = { state: 'degraded' as const, reasons: [], problems: [...problems] };
    expect(cameraHealth({ online, health }, 'front')).toMatchObject({ state, what });
  });
});
