import {
  type AgentStateStorage,
  type ChosenDetector,
  type EngineSupervisor,
  lastCommitted,
  NoModelDetector,
} from '../../agent/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import { type Detector, mainSlot } from '../../perception/index.ts';
import type { DeviceModels } from './device-models.ts';

export interface FirstModel {
  readonly detector: Detector;
  /** Absent where no model can be brought up: the agent starts all the same, so that somebody can give it one. */
  readonly bundle?: Bundle;
  readonly planPending: boolean;
  /** What became of the models that were tried before this one, in words; empty where the first one serves. */
  readonly problem: string;
}

export interface FirstModelPorts {
  /** `model` of the settings. */
  readonly folder: string | undefined;
  readonly models: Pick<DeviceModels, 'find' | 'importFolder'>;
  readonly memory: AgentStateStorage;
  readonly engines: Pick<EngineSupervisor, 'first'>;
  readonly log: Log;
}

/**
 * What the fleet ordered last, else what the settings name, else none. Whatever is wrong with a model, its files or its
 * engine, the next one is tried.
 */
export async function firstModel(ports: FirstModelPorts): Promise<FirstModel> {
  const { folder, models, memory, engines, log } = ports;
  const problems: string[] = [];
  const tried = new Set<string>();
  const noted = (problem: string) => {
    problems.push(problem);
    log.error('A model cannot be brought up', { reason: problem });
    return undefined;
  };
  const bringUp = async (find: () => Promise<Bundle | undefined>): Promise<FirstModel | undefined> => {
    try {
      const bundle = await find();
      if (bundle === undefined || tried.has(bundle.digest)) return undefined;
      tried.add(bundle.digest);
      const { detector, planPending }: ChosenDetector = await engines.first(bundle);
      return { bundle, detector, planPending, problem: problems.join(' ') };
    } catch (error) {
      return noted(describeError(error));
    }
  };
  const ordered = async () => {
    const committed = (await lastCommitted(memory)).get(mainSlot);
    if (committed === undefined) return undefined;
    const { name, version, digest } = committed;
    const bundle = await models.find(digest);
    return bundle ?? noted(`${name} ${version} is not on the disk any more, or was found damaged there.`);
  };
  const shipped = async () => {
    if (folder === undefined) return noted('The settings name no bundle to begin with (model).');
    return models.importFolder(folder, (reason) =>
      log.warn('The model of the settings is used from its own folder', { folder, reason }),
    );
  };
  return (
    (await bringUp(ordered)) ??
    (await bringUp(shipped)) ?? {
      detector: new NoModelDetector(),
      planPending: false,
      problem: problems.join(' '),
    }
  );
}
