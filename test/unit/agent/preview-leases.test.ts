import { expect, it } from 'vitest';
import { PreviewLeases } from '../../../src/agent/preview-leases.ts';

const asked = { camera: 'front', seconds: 10, maxFps: 5, maxWidth: 320 };

it('Those who watch with the same pace get the same picture, whatever their roles, and each role its own time', () => {
  const leases = new PreviewLeases();
  leases.lease({ ...asked, role: 'viewer' }, 0);
  leases.lease({ ...asked, role: 'admin', maxWidth: 640, seconds: 1 }, 50);
  let pictures = 0;
  for (let nowMs = 60; nowMs < 1000; nowMs += 10) {
    const due = leases.take('front', nowMs);
    if (due === undefined) continue;
    pictures += 1;
    expect(due).toEqual({ maxWidth: 640, viewers: ['viewer', 'admin'] });
  }
  expect(pictures).toBeGreaterThanOrEqual(4);
  expect(pictures).toBeLessThanOrEqual(6);
  expect(leases.take('front', 2000)).toEqual({ maxWidth: 320, viewers: ['viewer'] });
  expect(leases.take('front', 10_001)).toBeUndefined();
  expect(leases.take('rear', 0)).toBeUndefined();
});
