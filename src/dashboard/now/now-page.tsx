import type { JSX } from 'preact';
import { NoDevices } from '../fleet/no-devices.tsx';
import { FleetFigures } from '../fleet/summary.tsx';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { useAwaited, useDevices } from '../state/use-devices.ts';
import { Loading, Problem } from '../ui/widgets.tsx';
import { AlertsNow } from './alerts-now.tsx';
import { BlindCameras } from './blind-cameras.tsx';
import { ChangesToday } from './changes-today.tsx';
import { RunningRollouts } from './running-rollouts.tsx';

/** Work for a person now: alerts by cause, blind cameras, open rollouts, and changes of today. */
export function NowPage(): JSX.Element {
  const { fleet } = useSession();
  const state = useValue(fleet.state);
  const summary = useValue(fleet.summary);
  const total = useAwaited();
  const devices = useDevices({ health: 'blind' });
  if (state.phase === 'failed') return <Problem failure={state.failure} retry={() => fleet.load()} />;
  if (total !== undefined && summary === undefined) return <Loading what="the fleet" />;
  if (total === undefined ? devices.length === 0 : summary?.devices === 0) return <NoDevices />;
  return (
    <>
      <h1 class="off-screen">Now</h1>
      <FleetFigures devices={devices} total={total} />
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
