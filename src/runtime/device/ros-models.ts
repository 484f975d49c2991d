import { readBundle } from '../../adapters/filesystem/index.ts';
import type { ModelSwitch } from '../../adapters/ros2/index.ts';
import type { DeviceAgent, LocalProgress } from '../../agent/index.ts';
import { describeError, type Log, MissingError } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import type { DeviceModels } from './device-models.ts';

export interface RosModelsPorts {
  /** Bundles that the settings allow. */
  readonly folders: readonly string[];
  readonly models: Pick<DeviceModels, 'find' | 'importFolder'>;
  /** It comes after the node of ROS 2. */
  readonly agent: () => Pick<DeviceAgent, 'switchLocally' | 'keptModels'> | undefined;
  readonly log: Log;
}

interface Allowed {
  readonly bundle: Bundle;
  readonly folder?: string;
}

/** Models of an agent that the ROS graph may choose: those of `ros.models`, and those that the fleet had serve last. */
export class RosModels implements ModelSwitch {
  readonly #ports: RosModelsPorts;

  constructor(ports: RosModelsPorts) {
    this.#ports = ports;
  }

  async allowed() {
    return (await this.#all()).map(({ bundle: { manifest } }) => ({
      name: manifest.name,
      version: manifest.version,
    }));
  }

  async swap(
    ...[{ name, version }, onProgress, signal]: Parameters<ModelSwitch['swap']>
  ): ReturnType<ModelSwitch['swap']> {
    const agent = this.#ports.agent();
    const found = (await this.#all()).find(
      ({ bundle: { manifest } }) => manifest.name === name && manifest.version === version,
    );
    if (agent === undefined || found === undefined)
      throw new MissingError('ros-models-early', 'The agent is still starting.', 'Ask again in a moment.');
    const { digest } =
      found.folder === undefined ? found.bundle : await this.#import(found.folder, found.bundle);
    await agent.switchLocally(
      { name, version, digest },
      (progress) => onProgress(feedbackOf(progress)),
      signal,
    );
    return digest;
  }

  async #import(folder: string, { manifest: { name, version } }: Bundle): Promise<Bundle> {
    return this.#ports.models.importFolder(folder, (reason) =>
      this.#ports.log.warn('A model is used from its own folder', { name, version, reason }),
    );
  }

  /** Once each: what is on the disk of the agent goes before a folder of the settings. */
  async #all(): Promise<Allowed[]> {
    const { folders, models, agent, log } = this.#ports;
    const all = new Map<string, Allowed>();
    for (const digest of agent()?.keptModels ?? []) {
      const bundle = await models.find(digest);
      if (bundle !== undefined) all.set(digest, { bundle });
    }
    for (const folder of folders) {
      try {
        const bundle = await readBundle(folder);
        if (!all.has(bundle.digest)) all.set(bundle.digest, { bundle, folder });
      } catch (error) {
        log.warn('A bundle of ros.models cannot be read', { folder, reason: describeError(error) });
      }
    }
    return [...all.values()];
  }
}

function feedbackOf({ state, done, cancellable }: LocalProgress) {
  return { state, percent: 100 * (done ?? 0), cancellable };
}
