import type { JSX } from 'preact';
import type { DeviceSummary } from '../api/types.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { count, formatFixed, formatLatency, formatNumber, unknown } from '../ui/format.ts';
import { Sparkline } from '../ui/sparkline.tsx';
import { Figure } from '../ui/widgets.tsx';
import { isDeploying } from './filter.ts';

/** The fleet in five figures. */
export function FleetFigures({ devices }: { devices: readonly DeviceSummary[] }): JSX.Element {
  const { fleet } = useSession();
  const summary = useValue(fleet.summary);
  const stale = useValue(fleet.connection).state !== 'live';
  const online = devices.filter((device) => device.online).length;
  const deploying = devices.filter(isDeploying).length;
  const failed = devices.filter((device) => device.deployment?.state === 'failed').length;
  const away = devices.length - online;

  return (
    <div class="figures fleet-figures">
      <Figure
        name="Devices online"
        value={formatNumber(online)}
        unit={`of ${formatNumber(devices.length)}`}
        stale={stale}
        note={
          away === 0 ? (
            'All are here'
          ) : (
            <a href={formatRoute([], { status: 'offline' })}>{count(away, 'device')} offline</a>
          )
        }
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
        name="Need attention"
        value={summary ? formatNumber(summary.warnings) : unknown}
        {...(summary && summary.warnings > 0 ? { tone: 'warning' as const } : {})}
        stale={stale}
        note={<a href={formatRoute(['events'], { severity: 'warning' })}>Warnings of the last hour</a>}
      />
      <Figure
        name="Deployments"
        value={formatNumber(deploying)}
        unit="under way"
        stale={stale}
        note={
          failed === 0 ? 'None has failed' : <span class="tone-error">{count(failed, 'device')} failed</span>
        }
      />
    </div>
  );
}
