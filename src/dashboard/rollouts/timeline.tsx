import type { JSX } from 'preact';
import type { RolloutDetail } from '../../api/index.ts';
import { useNow } from '../state/use-element.ts';
import { formatTime } from '../ui/format.ts';
import { type TimelinePart, timelineOf, timelineWords } from './wave-times.ts';

const partWords: Readonly<Record<TimelinePart['kind'], string>> = {
  updating: 'Updating',
  soaking: 'Soaking',
  passed: 'Passed',
  planned: 'Planned',
};

/** Each wave as a bar over time: when it began, how long it soaked, and what is planned. */
export function Timeline({ rollout }: { rollout: RolloutDetail }): JSX.Element | null {
  const now = useNow(10_000);
  const { fromMs, toMs, rows } = timelineOf(rollout, now);
  if (rows.length === 0) return null;
  const at = (timeMs: number) => `${((100 * (timeMs - fromMs)) / (toMs - fromMs)).toFixed(2)}%`;
  const shown = new Set(rows.flatMap(({ parts }) => parts.map(({ kind }) => kind)));
  return (
    <figure class="timeline" aria-label="Timeline">
      <ol>
        {rows.map(({ name, parts }) => (
          <li key={name}>
            <span class="timeline-name" title={name} aria-hidden="true">
              {name}
            </span>
            <svg width="100%" height="16" aria-hidden="true">
              <rect class="timeline-track" width="100%" height="16" rx="3" />
              {parts.map(({ kind, startMs, endMs }) => (
                <rect
                  key={kind}
                  class={`timeline-${kind}`}
                  x={at(startMs)}
                  width={at(fromMs + endMs - startMs)}
                  height="16"
                />
              ))}
              <line class="timeline-now" x1={at(now)} x2={at(now)} y1="0" y2="16" />
            </svg>
            <span class="off-screen">{timelineWords({ name, parts }, formatTime)}</span>
          </li>
        ))}
      </ol>
      <figcaption class="sub">
        <span>{formatTime(fromMs)}</span>
        <span class="timeline-key">
          {(Object.keys(partWords) as TimelinePart['kind'][])
            .filter((kind) => shown.has(kind))
            .map((kind) => (
              <span key={kind}>
                <svg width="12" height="12" aria-hidden="true">
                  <rect class={`timeline-${kind}`} width="12" height="12" rx="2" />
                </svg>
                {partWords[kind]}
              </span>
            ))}
        </span>
        <span>{formatTime(toMs)}</span>
      </figcaption>
    </figure>
  );
}
