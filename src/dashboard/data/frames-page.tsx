import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { formatRoute, refine } from '../state/route.ts';
import { Icon } from '../ui/icons.tsx';
import { Choice } from '../ui/widgets.tsx';
import { ExportDialog } from './export-dialog.tsx';
import type { FrameFilter } from './filter.ts';
import { FrameGrid } from './frame-grid.tsx';

/** The kept frames of one device, to review and to export them. */
export function FramesPage({ filter }: { filter: FrameFilter }): JSX.Element {
  const { me, fleet } = useSession();
  const { device, camera } = filter;
  const [exporting, setExporting] = useState(false);
  const sources = useMemo(() => [{ device, camera }], [device, camera]);
  // The list tells when the fleet is there; the cameras are those of its device.
  useValue(fleet.state);
  const cameras = fleet.device(device)?.cameras ?? [];
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
        {mayActAs(me, 'operator') && (
          <button type="button" class="button button-main" onClick={() => setExporting(true)}>
            Export
          </button>
        )}
      </header>
      <FrameGrid
        sources={sources}
        filter={filter}
        choices={
          <Choice
            label="Camera"
            value={camera}
            options={[['', 'All'], ...cameras.map((name) => [name, name] as const)]}
            onChange={(next) => refine({ ...filter, camera: next })}
          />
        }
      />
      {exporting && <ExportDialog devices={[device]} filter={filter} onClose={() => setExporting(false)} />}
    </>
  );
}
