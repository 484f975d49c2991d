import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { formatRoute, refine } from '../state/route.ts';
import { count } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Choice, Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { type FrameFilter, fitsFilter, frameReasons, reviewStates } from './filter.ts';
import { FrameCard } from './frame-card.tsx';
import { useFrames } from './use-frames.ts';

/** The kept frames of one device as a grid, to accept or reject each, and to export them. */
export function FramesPage({ filter }: { filter: FrameFilter }): JSX.Element {
  const { me, fleet } = useSession();
  const { device, camera } = filter;
  const isOperator = mayActAs(me, 'operator');
  const { frames, reviews, loading, failure, more, loadMore, review } = useFrames(device, camera);
  const [exporting, setExporting] = useState(false);
  // The list tells when the fleet is there; the cameras are those of its device.
  useValue(fleet.state);
  const cameras = fleet.device(device)?.cameras ?? [];
  const shown = frames.filter((frame) => fitsFilter(frame, filter, reviews));
  const change = (part: Partial<FrameFilter>): void => refine({ ...filter, ...part });
  return (
    <>
      <a class="back" href={formatRoute(['data'])}>
        <Icon name="back" />
        Data
      </a>
      <header class="page-head">
        <div>
          <h1>Kept frames of {device}</h1>
          <p class="page-facts">
            <a href={formatRoute(['devices', device])}>{device}</a>
          </p>
        </div>
        {isOperator && (
          <button type="button" class="button button-main" onClick={() => setExporting(true)}>
            Export
          </button>
        )}
      </header>
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
          <Choice
            label="Camera"
            value={camera}
            options={[['', 'All'], ...cameras.map((name) => [name, name] as const)]}
            onChange={(next) => change({ camera: next })}
          />
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
        {failure && <Problem failure={failure} retry={loadMore} />}
        <ul class="wall frame-grid">
          {shown.map((frame) => (
            <FrameCard
              key={frame.id}
              device={device}
              frame={frame}
              review={reviews[frame.id]}
              decide={isOperator ? (verdict) => review(frame.id, verdict) : undefined}
            />
          ))}
        </ul>
        {loading && <Loading what="frames from the device" />}
        {!loading && failure === undefined && shown.length === 0 && (
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
      {exporting && <ExportDialog filter={filter} onClose={() => setExporting(false)} />}
    </>
  );
}
