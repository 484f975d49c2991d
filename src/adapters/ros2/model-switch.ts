import { type Clock, InputError, LimitError, RefusedError } from '../../base/index.ts';
import { Allowance, type ModelName, type SwapProgress, type SwapWork } from '../../ros2/index.ts';

/** Port: the models that the graph may put in the place of the one that serves. */
export interface ModelSwitch {
  /** What the settings, or the fleet, allow now. */
  allowed(): Promise<readonly ModelName[]>;
  /** Of those; gives its digest. Rejects with the reason, or with a CancelledError; the model before serves then. */
  swap(model: ModelName, onProgress: (progress: SwapProgress) => void, signal: AbortSignal): Promise<string>;
}

const mostNamed = 20;

/** The model that is meant; an empty version is the only one of that name. Throws for one that is not allowed. */
function chooseModel(wanted: ModelName, allowed: readonly ModelName[]): ModelName {
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
      ? 'No bundle is allowed: name bundles in ros.models of the settings (goshawk run: --ros-models).'
      : `These may: ${listed(allowed)}. Allow others in ros.models of the settings (goshawk run: --ros-models).`,
  );
}

/** Each reads a bundle, and may build an engine. */
const perMinute = 10;

/** Lets one thing happen to the models at a time, whoever asks for it, and not without an end. */
export class ModelGate {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #allowance = new Allowance(perMinute, 60_000);
  #busy = false;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  async pass<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#busy)
      throw new RefusedError(
        'ros-swap-busy',
        'Another model is being loaded already.',
        'Ask again when it serves, or cancel its goal.',
      );
    if (!this.#allowance.take(this.#clock.monotonicMs()))
      throw new LimitError('ros-swap-often', 'Model changes are requested too often.', 'Retry in a minute.');
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }
}

/** A swap through the gate, and only to what is allowed. */
export function guardedSwap(models: ModelSwitch, gate: ModelGate): SwapWork {
  return (wanted, onProgress, signal) =>
    gate.pass(async () => models.swap(chooseModel(wanted, await models.allowed()), onProgress, signal));
}
