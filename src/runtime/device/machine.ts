import { TegraSensors } from '../../../device/tegra/index.ts';
import { SystemMachine } from '../../adapters/system/index.ts';
import type { BoardReadings } from '../../agent/index.ts';

/** This machine, with what a Jetson shows beside what every machine shows. */
export class DeviceMachine extends SystemMachine {
  readonly #tegra: TegraSensors;

  constructor(root: string, dataDir: string) {
    super(root, dataDir);
    this.#tegra = new TegraSensors(root);
  }

  override async readBoard(): Promise<BoardReadings> {
    const [readings, tegra] = await Promise.all([super.readBoard(), this.#tegra.read()]);
    // A machine without any of it is no Jetson.
    const none = tegra.overcurrent.length === 0 && tegra.gpuHz === undefined && tegra.powerMode === undefined;
    return none ? readings : { ...readings, tegra };
  }
}
