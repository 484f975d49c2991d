import type { JSX } from 'preact';
import type { Severity } from '../api/types.ts';
import type { IconName } from '../ui/icons.tsx';
import { Tag, type Tone } from '../ui/widgets.tsx';

const severities: Record<Severity, readonly [Tone, IconName, string]> = {
  info: ['idle', 'info', 'Info'],
  warning: ['warning', 'warning', 'Warning'],
  error: ['error', 'error', 'Error'],
  critical: ['error', 'error', 'Critical'],
};

/** How serious an event or an alert is. */
export function SeverityTag({ severity }: { severity: Severity }): JSX.Element {
  const [tone, icon, word] = severities[severity];
  return (
    <Tag tone={tone} icon={icon}>
      {word}
    </Tag>
  );
}
