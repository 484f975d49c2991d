import { readBundle } from '../../adapters/filesystem/index.ts';
import { CancelledError, type Log, RefusedError } from '../../base/index.ts';
import type { Pipeline } from '../../perception/index.ts';
import type { createDetector, ModelSwitch } from '../../runtime/index.ts';
import type { RunModels } from './models.ts';

export interface RunSwitchOptions {
  /** Of the main model, and of those that may take its place. */
  readonly folders: readonly string[];
  readonly models: RunModels;
  readonly pipeline: () => Pipeline | undefined;
  readonly request: Parameters<typeof createDetector>[1];
  /** So many frames and no more were asked for: the count is the detector's. */
  readonly limited: boolean;
  readonly log: Log;
}

/** Models of a run that the ROS graph may choose. The one before serves until the next one is ready. */
export class RunSwitch implements ModelSwitch {
  readonly #options: RunSwitchOptions;
  #folder: string;

  constructor(options: RunSwitchOptions) {
    this.#options = options;
    this.#folder = options.folders[0] ?? '';
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
    const found = (await this.#all()).find(
      ({ bundle: { manifest } }) => manifest.name === name && manifest.version === version,
    );
    return this.#bringUp(found?.folder ?? this.#folder, onProgress, signal);
  }

  /** The folder of the model that serves, as it is now. */
  async reload(): Promise<string> {
    const digest = await this.#bringUp(this.#folder, () => {}, new AbortController().signal);
    return `${this.#folder} was read again: ${digest} serves`;
  }

  async #bringUp(
    folder: string,
    onProgress: Parameters<ModelSwitch['swap']>[1],
    signal: AbortSignal,
  ): Promise<string> {
    const { models, pipeline, request, limited } = this.#options;
    if (limited)
      throw new RefusedError(
        'run-swap-frames',
        'With --frames, a run of a live camera keeps its model.',
        'Leave --frames out.',
      );
    onProgress({ state: 'verifying', percent: 0, cancellable: true });
    const bundle = await readBundle(folder, 'digests');
    onProgress({ state: 'preparing', percent: 0, cancellable: true });
    const next = await models.prepare(bundle, request);
    const running = pipeline();
    if (signal.aborted || running === undefined) {
      await next.detector.close();
      throw new CancelledError('The swap');
    }
    onProgress({ state: 'swapping', percent: 0, cancellable: false });
    await models.replaceMain(next, (detector) => running.swap(detector));
    this.#folder = folder;
    return bundle.digest;
  }

  async #all() {
    const { folders } = this.#options;
    return Promise.all(folders.map(async (folder) => ({ folder, bundle: await readBundle(folder) })));
  }
}
