import { useEffect, useMemo, useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import type { MetricAnswer } from '../api/types.ts';
import { useEvery } from '../state/use-element.ts';

/** The history of a metric; asked again often enough that the newest step is there, and seldom for long spans. */
export function useHistory(
  device: string,
  name: string,
  lengthMs: number,
  labels: Readonly<Record<string, string>> = {},
): MetricAnswer | undefined {
  const wanted = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join();
  const key = `${device} ${name} ${lengthMs} ${wanted}`;
  const [held, setHeld] = useState<{ key: string; answer: MetricAnswer } | undefined>(undefined);
  const stop = useMemo(() => new AbortController(), [key]);
  useEffect(() => () => stop.abort(), [stop]);
  useEvery(Math.max(4000, Math.min(60_000, lengthMs / 300)), async () => {
    const to = Date.now();
    const step = Math.max(1000, Math.ceil(lengthMs / 240 / 1000) * 1000);
    try {
      const answer = await request('GET /devices/:id/metrics', {
        params: { id: device },
        query: { name, from: to - lengthMs, to, step, labels: wanted },
      }).send(stop.signal);
      if (!stop.signal.aborted) setHeld({ key, answer });
    } catch {
      // The page's banner tells about a controller that is away; the chart keeps what it has and asks again.
    }
  }, [key]);
  return held?.key === key ? held.answer : undefined;
}
