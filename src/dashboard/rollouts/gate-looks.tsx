import type { JSX } from 'preact';
import { lookWords, type RolloutWave } from '../../api/index.ts';
import { useNow } from '../state/use-element.ts';
import { formatDuration, formatTime } from '../ui/format.ts';
import { Tag } from '../ui/widgets.tsx';
import { lookTone } from './look-tone.ts';

/** The looks of the gate that were made, with what each saw, and when the next one is. */
export function GateLooks({ wave }: { wave: RolloutWave }): JSX.Element | null {
  const now = useNow(1000);
  if (wave.looks === undefined) return null;
  const { of, made, next } = wave.looks;
  if (of === 1 && made.length === 0) return null;
  return (
    <ol class="gate-looks" aria-label="Checks of the gate">
      {made.map((look) => {
        const [tone, word] = lookTone(look, wave);
        const [first = '', ...rest] = lookWords(look, of);
        return (
          <li key={look.timeMs}>
            <Tag tone={tone}>{word}</Tag> {first.toUpperCase()}
            {rest.join('')}{' '}
            <span class="sub">
              {formatTime(look.timeMs)}: {look.says}
            </span>
          </li>
        );
      })}
      {next !== undefined && (
        <li>
          <Tag tone="idle">next</Tag> Look {next.number} of {of}{' '}
          <span class="sub">
            {formatTime(next.dueMs)}
            {next.dueMs > now && `, in ${formatDuration(next.dueMs - now)}`}
          </span>
        </li>
      )}
    </ol>
  );
}
