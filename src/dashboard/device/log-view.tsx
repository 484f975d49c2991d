import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import { formatTime } from '../ui/format.ts';
import { Choice, Empty, Problem } from '../ui/widgets.tsx';
import { joined, type LogLine } from './system.ts';

const everyMs = 2_000;
const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];
const levelNames: Readonly<Record<Level, string>> = {
  debug: 'All lines',
  info: 'Info and above',
  warn: 'Warnings and errors',
  error: 'Errors',
};

/** The log of the agent as it grows, while the page is visible. */
export function LogView({ device }: { device: string }): JSX.Element {
  const [level, setLevel] = useState<Level>('info');
  const { lines, failure } = useLog(device, level);
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  return (
    <>
      <Choice
        label="Level"
        value={level}
        options={levels.map((one) => [one, levelNames[one]] as const)}
        onChange={(value) => setLevel(value as Level)}
      />
      {failure && <Problem failure={failure} />}
      {lines.length === 0 && !failure && <Empty icon="audit" title="No lines yet" />}
      {lines.length > 0 && (
        <ol
          ref={list}
          class="log-lines"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reached by keyboard (WCAG 2.1.1).
          tabIndex={0}
          aria-label="Log of the agent"
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
            follows.current = scrollTop + clientHeight > scrollHeight - 8;
          }}
        >
          {lines.map((line) => (
            <li key={line.number} class={`log-${line.level}`}>
              <time>{formatTime(line.timeMs)}</time> <b>{line.level}</b> {line.message}{' '}
              {line.fields !== undefined && <span class="sub">{line.fields}</span>}
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function useLog(device: string, level: Level): { lines: readonly LogLine[]; failure: Failure | undefined } {
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  useEffect(() => {
    setLines([]);
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let after: number | undefined;
    const load = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const query = { level, limit: 200, ...(after === undefined ? {} : { after }) };
          const page = await request('GET /devices/:id/logs', { params: { id: device }, query }).send(
            stop.signal,
          );
          after = page.next;
          setFailure(undefined);
          setLines((held) => joined(held, page.lines));
        } catch (error) {
          if (stop.signal.aborted) return;
          setFailure(asFailure(error));
        }
      }
      if (!stop.signal.aborted) timer = setTimeout(load, everyMs);
    };
    void load();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [device, level]);
  return { lines, failure };
}
