import { useRef } from 'preact/hooks';
import { type ApiRequest, request } from '../api/client.ts';
import type { MetricAnswer } from '../api/types.ts';
import { type Answer, useAnswer } from '../api/use-answer.ts';
import { type TimeRange, timesOf } from '../state/time-range.ts';

export interface HistoryQuestion {
  /** Undefined: nothing is asked. */
  readonly device: string | undefined;
  readonly name: string;
  readonly range: TimeRange;
  /** Only series with these. */
  readonly labels?: Readonly<Record<string, string>>;
  /** So much before the range, milliseconds; the answer has the times of then. */
  readonly beforeMs?: number;
}

const points = 240;
const nothing: ApiRequest<undefined> = { key: '', send: async () => undefined };

/** The history of a metric; asked again often enough that the newest step is there, and seldom for long spans. */
export function useHistory(question: HistoryQuestion): Answer<MetricAnswer | undefined> {
  const { device, name, range, labels, beforeMs = 0 } = question;
  const { window, lengthMs } = range;
  const isOver = window !== undefined && window.toMs - beforeMs < Date.now();
  const answer = useAnswer<MetricAnswer | undefined>(
    device === undefined ? nothing : historyRequest({ ...question, device }),
    isOver || device === undefined ? undefined : Math.max(4000, Math.min(60_000, lengthMs / 300)),
  );
  // Another range is drawn over the line that is there, instead of after an empty chart.
  const series = JSON.stringify([device, name, labels, beforeMs]);
  const drawn = useRef<{ readonly series: string; readonly data: MetricAnswer } | undefined>(undefined);
  if (answer.data !== undefined) drawn.current = { series, data: answer.data };
  if (!answer.loading || drawn.current?.series !== series) return answer;
  return { ...answer, data: { ...drawn.current.data, ...(beforeMs === 0 ? window : {}) } };
}

/** The same question for as long as a span is shown, though it ends at another time with each answer. */
function historyRequest({
  device,
  name,
  range,
  labels = {},
  beforeMs = 0,
}: HistoryQuestion & { readonly device: string }): ApiRequest<MetricAnswer> {
  const step = Math.max(1000, Math.ceil(range.lengthMs / points / 1000) * 1000);
  const wanted = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join();
  const asked = () => {
    const { fromMs, toMs } = timesOf(range, Date.now());
    return request('GET /devices/:id/metrics', {
      params: { id: device },
      query: { name, from: fromMs - beforeMs, to: toMs - beforeMs, step, labels: wanted },
    });
  };
  return {
    key: `history ${JSON.stringify([device, name, range.key, wanted, beforeMs])}`,
    send: (signal) => asked().send(signal),
  };
}
