import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { mayActOnFleet, useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { formatAgo, formatTime } from '../ui/format.ts';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { changesSince } from './changes.ts';

const mostShown = 25;

/** Swaps and rollouts since midnight, and for an admin what people did. */
export function ChangesToday(): JSX.Element {
  const { me } = useSession();
  const now = useNow(30_000);
  const fromMs = new Date(now).setHours(0, 0, 0, 0);
  const swaps = useAnswer(request('GET /events', { query: { kind: 'model.swapped', limit: 500 } }), 30_000);
  const rollouts = useAnswer(request('GET /rollouts', { query: { limit: 50 } }), 30_000);
  const isAdmin = mayActOnFleet(me, 'admin');
  const rows = useMemo(
    () =>
      changesSince(
        { swaps: swaps.data?.events ?? [], rollouts: rollouts.data?.rollouts ?? [], audit: [] },
        fromMs,
      ),
    [swaps.data, rollouts.data, fromMs],
  );
  return (
    <Panel title="Changed today" icon="refresh" aside={<a href={formatRoute(['activity'])}>Activity</a>}>
      {swaps.failure && <Problem failure={swaps.failure} retry={swaps.reload} />}
      {swaps.loading && <Loading what="changes" />}
      {isAdmin ? <WithAudit rows={rows} fromMs={fromMs} now={now} /> : <Rows rows={rows} now={now} />}
    </Panel>
  );
}

type Changes = ReturnType<typeof changesSince>;

/** The audit log is for admins. */
function WithAudit({ rows, fromMs, now }: { rows: Changes; fromMs: number; now: number }): JSX.Element {
  const audit = useAnswer(request('GET /audit', { query: { limit: 100 } }), 30_000);
  const entries = audit.data?.entries ?? [];
  const ordered = changesSince({ swaps: [], rollouts: [], audit: entries }, fromMs);
  return <Rows rows={[...rows, ...ordered].sort((a, b) => b.timeMs - a.timeMs)} now={now} />;
}

function Rows({ rows, now }: { rows: Changes; now: number }): JSX.Element {
  if (rows.length === 0) return <Empty icon="check" title="No changes today" />;
  return (
    <ul class="now-list">
      {rows.slice(0, mostShown).map(({ timeMs, what, who, href }) => (
        <li key={`${timeMs} ${what}`}>
          <p class="event-message">{href === undefined ? what : <a href={href}>{what}</a>}</p>
          <p class="sub" title={formatTime(timeMs)}>
            {formatAgo(timeMs, now)}
            {who !== undefined && `, by ${who}`}
          </p>
        </li>
      ))}
      {rows.length > mostShown && <li class="sub">and {rows.length - mostShown} more</li>}
    </ul>
  );
}
