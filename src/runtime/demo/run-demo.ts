import { setTimeout as delay } from 'node:timers/promises';
import { SystemClock } from '../../adapters/system/index.ts';
import { defined, type Log, MissingError } from '../../base/index.ts';
import { Demo, type DemoReport, type DemoStatus, type PushBundle } from './demo.ts';
import { ownModel } from './own-model.ts';

export interface DemoProgramOptions {
  /** Of the controller, the broker and the demo; each device has its own. */
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly durationMs?: number;
  /** Port of the dashboard; another free one is taken when it is in use. */
  readonly port: number;
  /** Bundle folder of the model that the devices begin with; default: the project's own. */
  readonly model?: string;
  readonly scenario?: string;
  /** Keeps everything there; without it the demo leaves nothing behind. */
  readonly dataDir?: string;
  /** Program and arguments that `--config FILE ...` is added to: `goshawk agent`. */
  readonly agentCommand: readonly string[];
  readonly push: PushBundle;
}

export interface DemoPlace {
  /** Signs in as an operator. */
  readonly dashboard: string;
  readonly controller: string;
  readonly adminTokenFile?: string;
  /** The port that was wanted and is in use by somebody else. */
  readonly portInUse?: number;
}

export interface DemoWatcher {
  onStarted(where: DemoPlace): void;
  onStatus(status: DemoStatus): void;
  onStopping(): void;
}

const statusEveryMs = 500;

/** The program `goshawk demo`: until the time is over, the signal fires, or a device died; then everything is stopped. */
export async function runDemo(options: DemoProgramOptions, watcher: DemoWatcher): Promise<DemoReport> {
  const { port, scenario, dataDir, agentCommand, push, log } = options;
  const demo = new Demo(
    {
      ...{ port, agentCommand, push },
      model: options.model ?? ownModel('street'),
      offered: [ownModel('street-int8')],
      ...defined({ scenario, dataDir }),
    },
    { clock: new SystemClock(), log },
  );
  let report: DemoReport;
  try {
    await demo.start();
    const { portInUse, adminTokenFile } = demo;
    watcher.onStarted({
      ...{ dashboard: demo.dashboardUrl, controller: demo.controllerUrl },
      ...defined({ adminTokenFile, portInUse }),
    });
    await watch(demo, options, watcher);
    watcher.onStopping();
  } finally {
    report = await demo.stop();
  }
  return report;
}

async function watch(demo: Demo, options: DemoProgramOptions, watcher: DemoWatcher): Promise<void> {
  const { signal, durationMs = Number.POSITIVE_INFINITY } = options;
  const endMs = performance.now() + durationMs;
  while (!signal.aborted && performance.now() < endMs) {
    const restMs = Math.max(1, endMs - performance.now());
    await delay(Math.min(statusEveryMs, restMs), undefined, { signal }).catch(() => {});
    for (const failure of demo.failures())
      throw new MissingError('device-ended', failure, 'Run it with --debug.');
    watcher.onStatus(demo.status());
  }
}
