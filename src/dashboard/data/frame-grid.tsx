import type { ComponentChildren, JSX } from 'preact';
import { mayActAs, useSession } from '../state/app.ts';
import { refine } from '../state/route.ts';
import { count } from '../ui/format.ts';
import { Choice, Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { type FrameFilter, fitsFilter, frameReasons, reviewStates } from './filter.ts';
import { FrameCard } from './frame-card.tsx';
import { type FrameSource, useFrames } from './use-frames.ts';

/** Kept frames as a grid, to accept or reject each. */
export function FrameGrid(props: {
  sources: readonly FrameSource[];
  filter: FrameFilter;
  /** Choices beside why a frame was kept and what was said of it. */
  choices: ComponentChildren;
}): JSX.Element {
  const { sources, filter } = props;
  const { me } = useSession();
  const isOperator = mayActAs(me, 'operator');
  const { frames, reviews, loading, failures, more, loadMore, review } = useFrames(sources);
  const shown = frames.filter(({ device, frame }) => fitsFilter(frame, filter, reviews[device] ?? {}));
  const change = (part: Partial<FrameFilter>): void => refine({ ...filter, ...part });
  return (
    <Panel
      title="Frames"
      icon="data"
      class="panel-flush"
      aside={
        <span class="sub" role="status">
          {count(shown.length, 'frame')}
          {more && ' of those loaded'}
        </span>
      }
    >
      <div class="filters">
        {props.choices}
        <Choice
          label="Kept for"
          value={filter.reason}
          options={frameReasons}
          onChange={(reason) => change({ reason })}
        />
        <Choice
          label="Review"
          value={filter.review}
          options={reviewStates}
          onChange={(next) => change({ review: next })}
        />
      </div>
      {failures.map(({ device, failure }) => (
        <Problem
          key={device}
          failure={filter.device === '' ? { ...failure, message: `${device}: ${failure.message}` } : failure}
          retry={loadMore}
        />
      ))}
      <ul class="wall frame-grid">
        {shown.map((kept) => (
          <FrameCard
            key={`${kept.device}/${kept.frame.id}`}
            {...kept}
            named={filter.device === ''}
            review={reviews[kept.device]?.[kept.frame.id]}
            decide={isOperator ? (verdict) => review(kept, verdict) : undefined}
          />
        ))}
      </ul>
      {loading && <Loading what={sources.length === 1 ? 'frames from the device' : 'frames from devices'} />}
      {!loading && failures.length === 0 && shown.length === 0 && (
        <Empty
          icon="data"
          title={frames.length === 0 ? 'No frames kept' : 'No frame matches these filters'}
        />
      )}
      {more && !loading && (
        <button type="button" class="button more" onClick={loadMore}>
          Show newer frames
        </button>
      )}
    </Panel>
  );
}
