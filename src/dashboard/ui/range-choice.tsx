import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useValue } from '../observable/value.ts';
import { route } from '../state/route.ts';
import {
  readRange,
  type SpanKey,
  showSpan,
  showWindow,
  spans,
  type TimeWindow,
  timesOf,
  useTimeRange,
} from '../state/time-range.ts';
import { Segments } from './widgets.tsx';

const custom = ['custom', 'Custom'] as const;
const everything = ['', 'All'] as const;
type Chosen = SpanKey | 'custom' | '';

/** Chooses the time that a page shows, and keeps it in the address. `all`: a list, which may show everything. */
export function RangeChoice({ label, all = false }: { label: string; all?: boolean }): JSX.Element {
  const range = useTimeRange();
  const isNamed = readRange(useValue(route).query) !== undefined;
  const choose = (chosen: Chosen): void => {
    if (chosen === 'custom') showWindow(timesOf(range, Date.now()));
    else showSpan(chosen);
  };
  const chosen: Chosen = range.window !== undefined ? 'custom' : all && !isNamed ? '' : range.span;
  return (
    <div class="range">
      <Segments
        label={label}
        options={[...(all ? [everything] : []), ...spans, custom]}
        chosen={chosen}
        choose={choose}
      />
      {range.window && (
        <div class="range-window">
          <WindowFields window={range.window} />
          <button type="button" class="button" onClick={() => showWindow(undefined)}>
            Whole time
          </button>
        </div>
      )}
    </div>
  );
}

/** Times as a person of this place types them. */
function WindowFields({ window }: { window: TimeWindow }): JSX.Element {
  const [draft, setDraft] = useState<Partial<TimeWindow>>({});
  const shown = { ...window, ...draft };
  const change = (part: Partial<TimeWindow>): void => {
    const next = { ...shown, ...part };
    const isWhole = next.fromMs < next.toMs;
    setDraft(isWhole ? {} : { ...draft, ...part });
    if (isWhole) showWindow(next);
  };
  const field = (name: string, key: keyof TimeWindow): JSX.Element => (
    <label class="choice">
      <span class="choice-label">{name}</span>
      <input
        type="datetime-local"
        step={1}
        value={localText(shown[key])}
        onChange={({ currentTarget }) => {
          const timeMs = new Date(currentTarget.value).getTime();
          if (!Number.isNaN(timeMs)) change({ [key]: timeMs });
        }}
      />
    </label>
  );
  return (
    <>
      {field('From', 'fromMs')}
      {field('To', 'toMs')}
      {shown.fromMs >= shown.toMs && (
        <span class="sub tone-error" role="alert">
          The end must be after the beginning.
        </span>
      )}
    </>
  );
}

/** `2026-12-02T09:00:00` in the time zone of the browser. */
function localText(timeMs: number): string {
  const offsetMs = new Date(timeMs).getTimezoneOffset() * 60_000;
  return new Date(timeMs - offsetMs).toISOString().slice(0, 19);
}
