import { join } from 'node:path';
import {
  EngineCacheManager,
  NativeCrashNotes,
  nativeEngines,
  type PlanSeal,
} from '../../../device/native/index.ts';
import {
  AdmittedEngines,
  type AgentEvent,
  BuildArbiter,
  type EngineCrash,
  EngineSupervisor,
  engineEvent,
  leftBehindEvent,
  type ModelCheck,
  type TrustGate,
  watchForCrashes,
} from '../../agent/index.ts';
import { type Clock, defined, describeError, type Log } from '../../base/index.ts';
import type { Bundle, BundleFile, EngineName } from '../../model/index.ts';
import { mainSlot } from '../../perception/index.ts';
import { moduleRefusal } from '../engines/decoder-modules.ts';
import { MachineEngines } from '../engines/machine-engines.ts';
import type { AgentSettings } from '../settings/agent.ts';
import type { FleetEngines, GivenEngines } from './fetch/fleet-engines.ts';
import { SlotEngines } from './slot-engines.ts';

export interface AgentEnginesPorts {
  readonly check: ModelCheck;
  readonly trust: TrustGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /** Nothing in this process helps an engine any more. */
  readonly endProcess?: (reason: string) => void;
  /** Plain bytes of a file that lies encrypted. */
  readonly plain?: (bundle: Bundle, file: BundleFile) => Promise<Uint8Array | undefined>;
  /** They could be swapped on their way to an engine. */
  readonly onExposed?: (lockProblem: string) => void;
  /** What keeps its plans encrypted. */
  readonly planSeal?: (bundle: Bundle, file: BundleFile) => PlanSeal | undefined;
  /** Plans of other devices of the same kind, and who gets this device's. */
  readonly fleetEngines?: { readonly take: FleetEngines; readonly give?: GivenEngines };
  /** Engines that took this agent down before. */
  readonly crashes: readonly EngineCrash[];
}

type EngineSettings = Pick<
  AgentSettings,
  | 'dataDir'
  | 'engine'
  | 'threads'
  | 'parallel'
  | 'maxBatch'
  | 'maxWaitMs'
  | 'isolate'
  | 'lockMemory'
  | 'variant'
  | 'gpuLetterbox'
  | 'dlaCore'
  | 'decoderModules'
>;

/** The engines of an agent, as its settings want them. All slots share the machine and its plans. */
export function agentEngines(settings: EngineSettings, ports: AgentEnginesPorts): SlotEngines {
  const { dataDir, engine, threads, parallel, maxWaitMs, isolate, lockMemory, dlaCore } = settings;
  // A core runs one picture at a time, in half precision.
  const maxBatch = dlaCore === undefined ? settings.maxBatch : 1;
  const variant = settings.variant ?? (dlaCore === undefined ? undefined : 'fp16');
  const {
    check,
    trust,
    clock,
    log,
    reportEvent,
    endProcess,
    crashes,
    plain,
    planSeal,
    onExposed,
    fleetEngines,
  } = ports;
  const plans = new EngineCacheManager(join(dataDir, 'engines'), {
    // A plan has room for as many frames as are to run together.
    maxBatch,
    ...defined({ dlaCore }),
    ...(fleetEngines === undefined
      ? {}
      : {
          fetchPlan: (key, plan, bundle, signal) => fleetEngines.take.fetch(key, plan, bundle, signal),
          onProven: (key, bundle) => void fleetEngines.give?.give(key, bundle),
        }),
    onBuildEvent: (news) => reportEvent(engineEvent(news)),
  });
  const machine = new MachineEngines({
    ...{ log, threads, capacity: parallel, maxBatch, maxWaitMs, plans },
    ...(isolate === 'auto' ? {} : { isolate }),
    ...{ gpuPreprocess: settings.gpuLetterbox, lockMemory },
    ...defined({ plain, planSeal, onExposed, preferredVariant: variant }),
    refuseModule: () => moduleRefusal(settings.decoderModules, trust.signed),
    timeoutMs: 0,
    onLeftBehind: (detector) => reportEvent(leftBehindEvent(detector)),
  });
  const room = new BuildArbiter();
  const platform = new AdmittedEngines(machine, trust);
  return new SlotEngines(
    (slot) =>
      new EngineSupervisor({
        ...{ engine, platform, check, clock, log, room },
        besideOthers: slot !== mainSlot,
        ...defined({ preferredVariant: variant }),
        crashed: crashes.map((crash) => crash.engine),
        reportEvent: (event) => reportEvent({ ...event, data: { slot, ...event.data } }),
        ...defined({ endProcess }),
        noteLost: (lost) => noteLostEngine(dataDir, lost, log),
      }),
  );
}

/** A disk that refuses costs the next start what it would have known. */
function noteLostEngine(dataDir: string, engine: EngineName, log: Log): void {
  try {
    new NativeCrashNotes(dataDir).noteLost(engine);
  } catch (error) {
    log.warn('A lost engine is not noted', { engine, reason: describeError(error) });
  }
}

/** Where no engine runs inside this process there is none that could take it down. */
export function noteCrashes(dataDir: string, nowMs: number, log: Log): readonly EngineCrash[] {
  if (!nativeEngines().some(({ available }) => available)) return [];
  try {
    return watchForCrashes(new NativeCrashNotes(dataDir), nowMs);
  } catch (error) {
    log.warn('A crash of an engine will not be noted', { reason: describeError(error) });
    return [];
  }
}
