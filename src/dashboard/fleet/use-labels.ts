import { useMemo } from 'preact/hooks';
import type { Labels } from '../../api/index.ts';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';

export interface DeviceLabels {
  /** By device; empty until they are there. */
  readonly labels: ReadonlyMap<string, Labels>;
  readonly reload: () => void;
}

export function useLabels(): DeviceLabels {
  const { data, reload } = useAnswer(request('GET /labels'), 30_000);
  const labels = useMemo(
    () => new Map(data?.devices.map(({ device, labels: own }) => [device, own])),
    [data],
  );
  return { labels, reload };
}

const mostPairs = 200;

/** Every `key=value` that is there, in order. */
export function labelPairs(labels: ReadonlyMap<string, Labels>): string[] {
  const pairs = new Set<string>();
  for (const own of labels.values())
    for (const [key, value] of Object.entries(own)) if (pairs.size < mostPairs) pairs.add(`${key}=${value}`);
  return [...pairs].sort();
}
