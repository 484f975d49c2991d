import type { JSX } from 'preact';
import type { RolloutWave } from '../../api/index.ts';
import { useNow } from '../state/use-element.ts';
import { formatDuration, formatTime } from '../ui/format.ts';
import type { Tone } from '../ui/tone.ts';
import { Tag } from '../ui/widgets.tsx';
import { outcomeTones } from './words.ts';

type Looks = NonNullable<RolloutWave['looks']>;
type Look = Looks['made'][number];

const lateMs = 300_000;

/** The looks of the gate that were made, with what each saw, and when the next one is. */
export function GateLooks({ looks }: { looks: Looks }): JSX.Element | null {
  const now = useNow(1000);
  const { of, made, next } = looks;
  if (of === 1 && made.length === 0) return null;
  return (
    <ol class="gate-looks" aria-label="Looks of the gate">
      {made.map((look) => {
        const [tone, word] = toneOf(look, of);
        const reason = reasonOf(look);
        return (
          <li key={look.timeMs}>
            <Tag tone={tone} title={look.says}>
              {word}
            </Tag>{' '}
            {nameOf(look, of)} <span class="sub">{formatTime(look.timeMs)}</span>
            {look.timeMs - look.dueMs >= lateMs && (
              <span class="sub">, {formatDuration(look.timeMs - look.dueMs)} late</span>
            )}
            {reason !== undefined && <span class="sub">: {reason}</span>}
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

/** Before the last look nothing has to be proven. */
function toneOf({ number, again, outcome }: Look, of: number): readonly [tone: Tone, word: string] {
  const early = again !== true && number < of && outcome !== 'fail';
  return (early ? earlyTones[outcome] : outcomeTones[outcome]) ?? ['idle', outcome];
}

const earlyTones: Readonly<Record<string, readonly [tone: Tone, word: string]>> = {
  pass: ['ok', 'So far so good'],
  inconclusive: ['idle', 'Goes on'],
  'no-data': ['idle', 'Too few minutes yet'],
};

function nameOf({ number, from, again }: Look, of: number): string {
  if (again === true) return 'Looked again';
  return from === undefined ? `Look ${number} of ${of}` : `Looks ${from} to ${number} of ${of}, made as one`;
}

/** Of a look that stopped the wave: of its metrics that failed the one that is the surest. */
function reasonOf({ metrics = [] }: Look): string | undefined {
  const failed = metrics.filter(({ outcome }) => outcome === 'fail');
  const [worst] = failed.sort((a, b) => (b.interval?.[0] ?? 0) - (a.interval?.[0] ?? 0));
  if (worst?.estimate === undefined || worst.interval === undefined) return undefined;
  const [low = 0, high = 0] = worst.interval;
  const name = worst.label === undefined ? worst.metric : `${worst.metric} ${worst.label}`;
  return `${name} ${worst.estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
