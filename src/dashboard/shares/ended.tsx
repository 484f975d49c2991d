import type { JSX } from 'preact';
import { formatRoute } from '../state/route.ts';
import { Empty } from '../ui/widgets.tsx';

/** Instead of what is no longer true. */
export function Ended({ of }: { of: string }): JSX.Element {
  return (
    <>
      <header class="page-head">
        <h1>Two versions of {of}</h1>
      </header>
      <Empty icon="rollout" title="It has ended">
        <p>Two versions are no longer run at once.</p>
        <p>
          <a href={formatRoute(['rollouts'])}>All rollouts</a>
        </p>
      </Empty>
    </>
  );
}
