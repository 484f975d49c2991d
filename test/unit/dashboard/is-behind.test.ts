import { describe, expect, it } from 'vitest';
import type { DeviceSummary } from '../../../src/dashboard/api/types.ts';
import { isBehind, whyIgnored } from '../../../src/dashboard/ui/is-behind.ts';

const device = (part: Partial<DeviceSummary>): DeviceSummary =>
  ({
    ...{ online: true, desiredGeneration: 3, reportedGeneration: 3 },
    health: { state: 'ok', reasons: [], problems: [] },
    ...part,
  }) as unknown as DeviceSummary;

describe('What the pages say of an order', () => {
  it('is nothing where it is followed', () => {
    expect(whyIgnored(device({}))).toBeUndefined();
  });

  it('is that it is on its way, and not that it is ignored', () => {
    const waits = device({ reportedGeneration: 2 });
    expect([isBehind(waits), whyIgnored(waits)]).toEqual([true, undefined]);
  });

  it('is that it is not followed, with what runs instead', () => {
    const what = 'order not followed: street 1.0.0 runs, ordered is street 1.1.0';
    const problems = [{ kind: 'order-ignored' as const, what }];
    expect(whyIgnored(device({ health: { state: 'degraded', reasons: [what], problems } }))).toBe(what);
  });

  it('is that it is not followed of a device that is away, too, and acted on another one', () => {
    const away = device({ online: false, reportedGeneration: Number.MAX_SAFE_INTEGER });
    expect(isBehind(away)).toBe(false);
    expect(whyIgnored(away)).toContain('follows order 9007199254740991');
  });
});
