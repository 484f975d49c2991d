import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { NoDevices } from '../fleet/no-devices.tsx';
import { FleetFigures } from '../fleet/summary.tsx';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { Loading, Problem } from '../ui/widgets.tsx';
import { AlertsNow } from './alerts-now.tsx';
import { BlindCameras } from './blind-cameras.tsx';
import { ChangesToday } from './changes-today.tsx';
import { RunningRollouts } from './running-rollouts.tsx';

/** What needs a person now: alerts by cause, cameras that see nothing, rollouts under way, and what changed today. */
export function NowPage(): JSX.Element {
  const { fleet } = useSession();
  const state = useValue(fleet.state);
  const devices = useMemo(() => (state.phase === 'ready' ? state.devices : []), [state]);
  if (state.phase === 'failed') return <Problem failure={state.failure} retry={() => fleet.load()} />;
  if (state.phase === 'loading') return <Loading what="the fleet" />;
  if (devices.length === 0) return <NoDevices />;
  return (
    <>
      <h1 class="off-screen">Now</h1>
      <FleetFigures devices={devices} total={undefined} />
      <div class="now-columns">
        <div class="now-main">
          <AlertsNow />
          <BlindCameras devices={devices} />
        </div>
        <div class="now-side">
          <RunningRollouts />
          <ChangesToday />
        </div>
      </div>
    </>
  );
}
