import { HostLoad } from '../../adapters/system/index.ts';
import {
  type AgentEvent,
  type BoardReadings,
  type CameraPromise,
  type LadderStep,
  TargetService,
} from '../../agent/index.ts';
import { type Clock, defined, InputError, type Log } from '../../base/index.ts';
import type { Pipeline } from '../../perception/index.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { targetFps } from './cameras.ts';
import type { SlotEngines } from './slot-engines.ts';

export interface TargetWiring {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /** The pipeline comes after its sinks. */
  readonly live: () => Pipeline | undefined;
  readonly board: () => Promise<BoardReadings>;
  readonly engines: SlotEngines;
}

/** What was promised of every camera, and the ladder that holds it. */
export function startTargets(settings: AgentSettings, wiring: TargetWiring): TargetService {
  const { clock, log, reportEvent, live, board, engines } = wiring;
  const { steps, hotCelsius, marginCelsius, pressedSeconds, relievedSeconds, settleSeconds } =
    settings.ladder;
  expectCameras(steps, Object.keys(settings.cameras));
  const load = new HostLoad();
  return new TargetService(
    {
      promises: promisesOf(settings.cameras),
      ...{ steps, hotCelsius, marginCelsius, capacity: settings.parallel },
      pressedMs: pressedSeconds * 1000,
      relievedMs: relievedSeconds * 1000,
      settleMs: settleSeconds * 1000,
    },
    {
      ...{ clock, log, reportEvent, board },
      pipeline: live,
      othersShare: () => load.takeOthersShare(),
      variants: {
        lighter: (slot) => engines.find(slot)?.lighter,
        change: async (slot, request) => (await engines.find(slot)?.changeVariant(request)) ?? false,
      },
    },
  );
}

export function promisesOf(cameras: AgentSettings['cameras']): Map<string, CameraPromise> {
  const rates = targetFps(cameras);
  return new Map(
    Object.entries(cameras).map(([camera, { maxLatencyMs, targetZone: zone }]) => {
      const rate = rates[camera];
      return [
        camera,
        {
          ...defined({ targetFps: rate, maxLatencyMs, zone }),
        },
      ];
    }),
  );
}

function expectCameras(steps: readonly LadderStep[], cameras: readonly string[]): void {
  const unknown = steps.flatMap((step) => step.cameras ?? []).find((name) => !cameras.includes(name));
  if (unknown === undefined) return;
  throw new InputError(
    'ladder-camera',
    `A step of the ladder names the camera "${unknown}", which is not there.`,
    `The cameras are ${cameras.join(', ')}.`,
  );
}
