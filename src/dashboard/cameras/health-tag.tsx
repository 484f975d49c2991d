import type { JSX } from 'preact';
import { Tag } from '../ui/widgets.tsx';
import type { CameraHealth } from './camera-health.ts';

/** `Blind: frozen`. */
export function CameraHealthTag({ health }: { health: CameraHealth }): JSX.Element {
  const { state, tone, words, what } = health;
  const icon = state === 'offline' ? 'offline' : tone === 'error' || tone === 'warning' ? tone : undefined;
  return (
    <Tag tone={tone} icon={icon} title={what.join('\n')}>
      {words}
      {what[0] !== undefined && `: ${what[0]}`}
    </Tag>
  );
}
