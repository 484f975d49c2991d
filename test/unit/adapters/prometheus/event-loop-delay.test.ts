import { expect, test } from 'vitest';
import { EventLoopDelay } from '../../../../src/adapters/prometheus/event-loop-delay.ts';

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 15));
};

test('the longest time that the event loop was held is told, and told again to the next who asks', async () => {
  const delay = new EventLoopDelay();
  await turns(3);
  const endMs = performance.now() + 300;
  while (performance.now() < endMs);
  await turns(3);
  const { p50, max } = delay.read();
  expect(max).toBeGreaterThan(0.25);
  expect(p50).toBeLessThan(max);
  expect(delay.read().max).toBe(max);
});
