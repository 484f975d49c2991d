import { useMemo } from 'preact/hooks';
import type { EventQuery } from '../../api/index.ts';
import { type ApiRequest, request } from '../api/client.ts';
import type { FleetEvent, MetricAnswer } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { type TimeRange, useTimeRange } from '../state/time-range.ts';
import type { ChartMark } from '../ui/chart-mark.ts';
import { isMarked, markedKinds, marksOf } from './marks.ts';

const everyMs = 60_000;
const limit = 200;
const questions: readonly EventQuery[] = [
  ...markedKinds.map((kind) => ({ kind, limit })),
  { severity: 'warning', limit },
];

/** What the charts of a device mark in the time that its page shows: swaps, filters, drift, and what was warned of. */
export function useMarkedEvents(device: string): readonly FleetEvent[] {
  const range = useTimeRange();
  const live = useValue(useSession().fleet.events);
  const { data } = useAnswer(markedEvents(device, range), everyMs);
  return useMemo(
    () => [...live.filter((event) => event.device === device && isMarked(event)), ...(data ?? [])],
    [device, live, data],
  );
}

/** On a chart of this history. */
export function useMarks(
  events: readonly FleetEvent[],
  history: MetricAnswer | undefined,
  camera?: string,
): readonly ChartMark[] {
  return useMemo(
    () => (history === undefined ? [] : marksOf(events, history.fromMs, history.toMs, camera)),
    [history, events, camera],
  );
}

function markedEvents(device: string, range: TimeRange): ApiRequest<FleetEvent[]> {
  return {
    key: `marks ${JSON.stringify([device, range.key])}`,
    send: async (signal) => {
      const from = range.window?.fromMs ?? Date.now() - range.lengthMs;
      const to = range.window?.toMs;
      const lists = questions.map((query) =>
        request('GET /devices/:id/events', { params: { id: device }, query: { ...query, from, to } }).send(
          signal,
        ),
      );
      return (await Promise.all(lists)).flatMap(({ events }) => events);
    },
  };
}
