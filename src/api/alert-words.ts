import type { AlertCondition } from './alert-rules.ts';
import { problemTable } from './health-table.ts';

type Condition<K extends AlertCondition['kind']> = Extract<AlertCondition, { kind: K }>;

/** What a rule says, for people: `sensor fault or label shift`, `goshawk_frames_per_second below 10`. */
export function conditionWords(when: AlertCondition): string {
  switch (when.kind) {
    case 'offline':
      return 'device offline';
    case 'wrong-answer':
      return 'known answer wrong';
    case 'drift':
      return driftWords(when);
    case 'health': {
      const problems = when.problems ?? [];
      return problems.length === 0
        ? 'any trouble'
        : problems.map((one) => problemTable[one].words).join(' or ');
    }
    case 'event':
      return `event ${when.event}${when.severity === undefined ? '' : `, ${when.severity} and above`}`;
    case 'metric':
      return metricWords(when);
  }
}

function driftWords({ verdicts = [], details = [], grades = [], unbelieved }: Condition<'drift'>): string {
  const kinds = verdicts.map((kind) => kind.replace('-', ' '));
  const words = kinds.length === 0 ? 'any drift' : kinds.join(' or ');
  const named = details.length === 0 ? '' : ` (${details.join(', ')})`;
  const notices = !grades.includes('notice')
    ? ''
    : grades.includes('alarm')
      ? ', notices too'
      : ', notices only';
  return `${words}${named}${notices}${unbelieved === true ? ', believed or not' : ''}`;
}

function metricWords({ name, statistic = 'value', rate, above, below }: Condition<'metric'>): string {
  const quantile = statistic === 'value' ? '' : ` ${statistic}`;
  const speed = rate === undefined ? '' : ` per ${rate.per} over ${rate.overSeconds ?? 300} s`;
  return `${name}${quantile}${speed} ${above === undefined ? `below ${below}` : `above ${above}`}`;
}
