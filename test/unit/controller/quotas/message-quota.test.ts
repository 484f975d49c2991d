import { expect, test } from 'vitest';
import { MessageQuota } from '../../../../src/controller/quotas/message-quota.ts';
import { defaultQuotas } from '../../../../src/controller/quotas/quotas.ts';

const quotas = {
  ...defaultQuotas,
  messagesPerMinute: 120,
  bytesPerMinute: 12_000,
  eventsPerMinute: 60,
  birthsPerMinute: 24,
};
type Sent = Parameters<MessageQuota['exceeded']>[1];
const metrics: Sent = { bytes: 10, kind: 'metrics' };
const event: Sent = { bytes: 10, kind: 'events' };

function refusals(quota: MessageQuota, message: Sent, times: number, nowMs = 0) {
  return Array.from({ length: times }, () => quota.exceeded('d1', message, nowMs)?.what);
}

test.each([
  { name: 'messages', message: metrics, allowed: 10, limit: 120 },
  { name: 'events', message: event, allowed: 5, limit: 60 },
  { name: 'births', message: { bytes: 10, kind: 'state' as const }, allowed: 2, limit: 24 },
  { name: 'bytes', message: { bytes: 400, kind: 'metrics' as const }, allowed: 2, limit: 12_000 },
])(
  'the limit of $name per minute holds, and is named with its number',
  ({ name, message, allowed, limit }) => {
    const quota = new MessageQuota(quotas, 100);
    expect(refusals(quota, message, allowed)).toEqual(Array(allowed).fill(undefined));
    expect(quota.exceeded('d1', message, 0)).toMatchObject({ what: name, limit });
    expect(quota.exceeded('d1', message, 60_000)).toBeUndefined();
  },
);

test('who has no events left may still send metrics', () => {
  const quota = new MessageQuota(quotas, 100);
  expect(refusals(quota, event, 6).at(-1)).toBe('events');
  expect(quota.exceeded('d1', metrics, 0)).toBeUndefined();
});

test('what one device spends is not missing for another', () => {
  const quota = new MessageQuota(quotas, 100);
  refusals(quota, metrics, 50);
  expect(quota.exceeded('d2', metrics, 0)).toBeUndefined();
});

test('an honest backlog of 10,000 entries drains with the defaults at 200 entries a second', () => {
  const quota = new MessageQuota(defaultQuotas, 100);
  const refused = Array.from({ length: 10_000 }, (_, entry) =>
    quota.exceeded('d1', { bytes: 9_000, kind: entry % 2 === 0 ? 'events' : 'metrics' }, entry * 5),
  ).filter((exceeded) => exceeded !== undefined);
  expect(refused).toEqual([]);
});

test('only so many devices are remembered, first of all those that have spent something', () => {
  const quota = new MessageQuota(quotas, 3);
  refusals(quota, event, 6);
  quota.exceeded('d2', metrics, 0);
  quota.exceeded('d3', metrics, 0);
  for (let at = 0; at < 50; at++) quota.exceeded(`e${at}`, metrics, 1_000 + 2_000 * at);
  expect(quota.size).toBeLessThanOrEqual(3);
});

test('another limit is in force with the next message, whatever was spent before', () => {
  const quota = new MessageQuota(quotas, 100);
  refusals(quota, metrics, 11);
  quota.reconfigure({ quotas: { ...quotas, messagesPerMinute: 240 } });
  expect(refusals(quota, metrics, 20)).toEqual(Array(20).fill(undefined));
  expect(quota.exceeded('d1', metrics, 0)).toMatchObject({ what: 'messages', limit: 240 });
});
