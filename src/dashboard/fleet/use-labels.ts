import { useMemo } from 'preact/hooks';
import type { Labels } from '../../api/index.ts';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';

/** Labels by device; empty until they are there. */
export function useLabels(): ReadonlyMap<string, Labels> {
  const { data } = useAnswer(request('GET /labels'), 30_000);
  return useMemo(() => new Map(data?.devices.map(({ device, labels }) => [device, labels])), [data]);
}

const mostPairs = 200;

/** Every `key=value` that is there, in order. */
export function labelPairs(labels: ReadonlyMap<string, Labels>): string[] {
  const pairs = new Set<string>();
  for (const own of labels.values())
    for (const [key, value] of Object.entries(own)) if (pairs.size < mostPairs) pairs.add(`${key}=${value}`);
  return [...pairs].sort();
}
