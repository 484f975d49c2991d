import type { ComponentChildren, JSX } from 'preact';
import { healthStateNames, mainSlot, unwellStates } from '../../api/index.ts';
import type { DeviceSummary, FleetSummary } from '../api/types.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { count, formatFixed, formatLatency, formatNumber } from '../ui/format.ts';
import { Sparkline } from '../ui/sparkline.tsx';
import { Figure } from '../ui/widgets.tsx';
import { isDeploying, needsAttention } from './filter.ts';

/** The fleet in five figures; until all of `total` devices have arrived they are those of the controller. */
export function FleetFigures({
  devices,
  total,
}: {
  devices: readonly DeviceSummary[];
  total: number | undefined;
}): JSX.Element {
  const { fleet } = useSession();
  const summary = useValue(fleet.summary);
  const stale = useValue(fleet.connection).state !== 'live';
  const whole = total === undefined;
  const online = whole ? devices.filter((device) => device.online).length : summary?.online;
  const deploying = devices.filter(isDeploying).length;
  const failed = devices.filter((device) => device.slots[mainSlot]?.deployment.state === 'failed').length;
  const unwell = whole ? unwellCounts(devices) : knownCounts(summary);
  const attention = devices.filter(needsAttention).length;
  const firing = summary?.alertsFiring;
  const counted = (value: number): string => formatNumber(whole ? value : undefined);
  const noted = (note: ComponentChildren): ComponentChildren => (whole ? note : 'Loading');

  return (
    <div class="figures fleet-figures">
      <Figure
        name="Devices online"
        value={formatNumber(online)}
        unit={`of ${formatNumber(whole ? devices.length : (summary?.devices ?? total))}`}
        stale={stale}
        note={unwell === undefined ? 'Loading' : <HealthCounts counts={unwell} />}
      />
      <Figure
        name="Frames per second"
        value={(summary?.fps ?? 0) >= 1000 ? formatNumber(summary?.fps) : formatFixed(summary?.fps, 1)}
        stale={stale}
        note={<Sparkline values={fleet.totalFps.values('fleet')} stale={stale} />}
      />
      <Figure
        name="Latency p99"
        value={formatLatency(summary?.latencyP99Ms)}
        stale={stale}
        note={`Capture to publish · p50 ${formatLatency(summary?.latencyP50Ms)}`}
      />
      <Figure
        name="Alerts"
        value={formatNumber(firing)}
        {...((firing ?? 0) > 0 ? { tone: 'error' as const } : {})}
        stale={stale}
        note={noted(
          attention === 0 ? (
            'No device needs attention'
          ) : (
            <a href={formatRoute(['devices'], { status: 'attention' })}>
              {count(attention, 'device needs', 'devices need')} attention
            </a>
          ),
        )}
      />
      <Figure
        name="Deployments"
        value={counted(deploying)}
        unit="active"
        stale={stale}
        note={noted(
          failed === 0 ? 'None failed' : <span class="tone-error">{count(failed, 'device')} failed</span>,
        )}
      />
    </div>
  );
}

type Count = readonly [state: string, count: number];

/** The worst first. */
function unwellCounts(devices: readonly DeviceSummary[]): readonly Count[] {
  const away = devices.filter(({ online }) => !online).length;
  const others = unwellStates.map((state): Count => {
    return [state, devices.filter(({ health }) => health.state === state).length];
  });
  return [['offline', away] as const, ...others.reverse()].filter(([, number]) => number > 0);
}

/** Undefined before the controller has told them. */
function knownCounts(summary: FleetSummary | undefined): readonly Count[] | undefined {
  const { health } = summary ?? {};
  if (health === undefined) return undefined;
  return [...healthStateNames]
    .reverse()
    .map((state): Count => [state, health[state]])
    .filter(([state, number]) => state !== 'ok' && number > 0);
}

/** Those that are not well, each a link to them. */
function HealthCounts({ counts }: { counts: readonly Count[] }): JSX.Element {
  if (counts.length === 0) return <>All online and healthy</>;
  return (
    <>
      {counts.map(([status, number], index) => (
        <>
          {index > 0 && ', '}
          <a key={status} href={formatRoute(['devices'], { status })}>
            {formatNumber(number)} {status}
          </a>
        </>
      ))}
    </>
  );
}
