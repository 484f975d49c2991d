import type { JSX } from 'preact';
import type { AuditEntry } from '../api/types.ts';
import { personOf } from '../drift/actor.ts';
import { formatRoute } from '../state/route.ts';
import { formatAgo, formatTime, wordsOf } from '../ui/format.ts';
import { Tag } from '../ui/widgets.tsx';

/** Something that a person did, with the request as it was. */
export function AuditRow({ entry, nowMs }: { entry: AuditEntry; nowMs: number }): JSX.Element {
  const { action, target, result, actor, timeMs, detail, hash } = entry;
  return (
    <li class="event event-person">
      <div class="event-head">
        <Tag tone={result === 'ok' ? 'accent' : 'error'} icon={result === 'ok' ? 'person' : 'error'}>
          {personOf(actor)}
        </Tag>
        <span class="event-kind" title={action}>
          {wordsOf(action)}
        </span>
        <time class="sub" dateTime={new Date(timeMs).toISOString()} title={formatTime(timeMs)}>
          {formatAgo(timeMs, nowMs)}
        </time>
      </div>
      <p class="event-message">
        {/^(device|frame|remote|clip)/.test(action) ? (
          <a href={formatRoute(['devices', target])}>{target}</a>
        ) : (
          target
        )}
        {result !== 'ok' && <span class="tone-error"> refused: {result}</span>}
      </p>
      {detail !== '{}' && (
        <details class="sub">
          <summary>Request of {actor}</summary>
          <code title={`Entry ${entry.seq}, sha256 ${hash}`}>{detail}</code>
        </details>
      )}
    </li>
  );
}
