import { type GoshawkError, InputError, RefusedError } from '../../base/index.ts';
import type { ModelName, SwapProgress, SwapWork } from '../../ros2/index.ts';

/** Port: the models that the graph may put in the place of the one that serves. */
export interface ModelSwitch {
  /** What the settings, or the fleet, allow now. */
  allowed(): Promise<readonly ModelName[]>;
  /** Of those; gives its digest. Rejects with the reason, or with a CancelledError; the model before serves then. */
  swap(model: ModelName, onProgress: (progress: SwapProgress) => void, signal: AbortSignal): Promise<string>;
}

const mostNamed = 20;

/** The model that is meant; an empty version is the only one of that name. Throws for one that is not allowed. */
export function chooseModel(wanted: ModelName, allowed: readonly ModelName[]): ModelName {
  const named = allowed.filter(({ name }) => name === wanted.name);
  const found = named.filter(({ version }) => wanted.version === '' || version === wanted.version);
  const [first, ...more] = found;
  if (first !== undefined && more.length === 0) return first;
  const asked = `${wanted.name.slice(0, 100)} ${wanted.version.slice(0, 100)}`.trim();
  const listed = (models: readonly ModelName[]) =>
    models
      .slice(0, mostNamed)
      .map(({ name, version }) => `${name} ${version}`)
      .join(', ');
  if (first !== undefined)
    throw new InputError(
      'ros-model-version',
      `There are several versions of ${asked}.`,
      `Name one: ${listed(found)}.`,
    );
  throw new RefusedError(
    'ros-model-refused',
    `The model ${asked || 'without a name'} may not be chosen over ROS 2.`,
    allowed.length === 0
      ? 'Nothing may: name bundles in ros.models of the settings (goshawk run: --ros-models).'
      : `These may: ${listed(allowed)}. Others stand in ros.models of the settings (goshawk run: --ros-models).`,
  );
}

/** Lets one swap happen at a time, whoever asks for it, and only of what is allowed. */
export function guardedSwap(models: ModelSwitch): SwapWork {
  let busy = false;
  return async (wanted, onProgress, signal) => {
    if (busy) throw alreadyUnderWay();
    busy = true;
    try {
      return await models.swap(chooseModel(wanted, await models.allowed()), onProgress, signal);
    } finally {
      busy = false;
    }
  };
}

function alreadyUnderWay(): GoshawkError {
  return new RefusedError(
    'ros-swap-busy',
    'Another model is being brought up already.',
    'Ask again when it serves, or cancel its goal.',
  );
}
