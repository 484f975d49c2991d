import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readTegra } from '../../../device/tegra/index.ts';
import { writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { SystemMachine } from '../../adapters/system/index.ts';
import { CancelledError, defined } from '../../base/index.ts';
import { ownModel } from '../demo/own-model.ts';
import { tryAddons } from '../trials/addons.ts';
import { goshawkVersion } from '../version.ts';
import { addonTrials } from './addons.ts';
import { tryCameras } from './cameras.ts';
import { tryDecoders } from './decoders.ts';
import { tryDisk } from './disk.ts';
import { tryEngines } from './engine-trials.ts';
import { publishable, type SelftestReport } from './report.ts';
import { tryRos } from './ros.ts';
import { trySensors } from './sensors.ts';
import { type TrialPorts, tryStreams } from './streams.ts';
import { attempt, type Trial, type TrialGroup, trialGroups } from './trial.ts';
import { tryWatchdog } from './watchdog.ts';

export interface SelftestOptions {
  /** Bundles that the engines are tried with; default: the project's own. */
  readonly models?: readonly string[];
  readonly only?: readonly TrialGroup[];
  /** Where the agent would keep its state; default: `/var/tmp`. */
  readonly dataDir?: string;
  /** How long frames are pushed through each engine. */
  readonly measureMs: number;
  /** Of one engine, building included. */
  readonly limitMs: number;
  /** File for the report; default: none. */
  readonly report?: string;
}

export interface SelftestResult {
  /** Nothing that is here, or that is needed, failed. */
  readonly ok: boolean;
  readonly report: SelftestReport;
}

/** Tries everything of this board that Goshawk has a use for. Leaves nothing behind but the report. */
export async function runSelftest(options: SelftestOptions, ports: TrialPorts): Promise<SelftestResult> {
  const beganMs = performance.now();
  const work = await mkdtemp(join(await temporaryFolder(), 'goshawk-selftest-'));
  try {
    const trials = await tryAll(options, ports, work);
    const report = publishable(
      {
        schema: 1,
        goshawk: goshawkVersion(),
        node: process.versions.node,
        date: new Date().toISOString().slice(0, 10),
        board: await boardOf(),
        seconds: (performance.now() - beganMs) / 1000,
        trials: [...trials],
      },
      identity(),
    );
    if (options.report !== undefined) {
      await writeFileAtomic(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
    }
    return { ok: trials.every(({ state }) => state !== 'fails'), report };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** On a disk where there is one: `/tmp` is memory on many systems, which plans would fill and whose speed says nothing. */
async function temporaryFolder(): Promise<string> {
  return access('/var/tmp', constants.W_OK).then(
    () => '/var/tmp',
    () => tmpdir(),
  );
}

async function tryAll(options: SelftestOptions, ports: TrialPorts, work: string): Promise<readonly Trial[]> {
  const { signal, onTrial } = ports;
  const { measureMs, limitMs, only = trialGroups } = options;
  onTrial('installed parts');
  // Before all others, and whatever is asked for: what ends a process is not loaded by this one.
  const addons = await tryAddons({ signal });
  const groups: Readonly<Record<TrialGroup, () => Promise<readonly Trial[]>>> = {
    addons: async () => addonTrials(addons),
    engines: () => tryEngines({ bundles: modelsOf(options), work, measureMs, limitMs, signal, onTrial }),
    decoders: () => tryDecoders(work),
    cameras: async () => [...(await tryCameras()), ...(await tryStreams(ports))],
    sensors: () => trySensors(),
    ros2: () => tryRos(ports),
    disk: () => tryDisk(options.dataDir ?? work),
    watchdog: () => tryWatchdog(),
  };
  const trials: Trial[] = [];
  for (const group of trialGroups.filter((one) => only.includes(one))) {
    if (signal.aborted) throw new CancelledError('The selftest');
    onTrial(group);
    trials.push(...(await attempt(group, group, groups[group])));
  }
  return trials;
}

/** A model in full precision, and one in integers with a golden set, where the installation has it. */
function modelsOf({ models }: SelftestOptions): readonly string[] {
  if (models !== undefined && models.length > 0) return models;
  return ['street', 'street-int8'].flatMap((name, index) => {
    try {
      return [ownModel(name)];
    } catch (error) {
      if (index === 0) throw error;
      return [];
    }
  });
}

async function boardOf(): Promise<SelftestReport['board']> {
  const machine = new SystemMachine();
  try {
    const { name, arch, os, cores, memoryBytes, powerMode } = await machine.board();
    const { l4t } = await readTegra({ root: '/', stateFolder: '/' });
    return {
      ...{ name, arch, os, cores, memoryBytes },
      ...defined({ powerMode, l4t }),
    };
  } finally {
    machine.close();
  }
}

function identity() {
  return { hostname: hostname(), user: userInfo().username, home: homedir() };
}
