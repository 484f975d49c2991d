import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Recovery, timed } from './recovery.ts';

const database: Recovery = {
  name: 'database',
  gone: "the controller's data of a day is lost",
  harm: 'its orders, audit and history of that day are gone; devices continue with their models',
  until: 'you give the orders of that day again',
  command: 'put back the copy of the data folder; start the controller; order',
  async rehearse(fleet) {
    const copy = join(fleet.folder, 'yesterday');
    await fleet.stopController();
    await fleet.copyController(copy);
    await fleet.startController();
    for (let at = 0; at < 2; at++) {
      const lost = await fleet.release();
      await fleet.order(lost);
      await fleet.runs(lost);
    }
    return timed(async () => {
      await fleet.stopController();
      await rm(fleet.controllerFolder, { recursive: true });
      await rename(copy, fleet.controllerFolder);
      await fleet.startController();
      // What the owners signed since is in their file.
      await fleet.publish();
      await fleet.orderNew();
    });
  },
};

const broker: Recovery = {
  name: 'broker',
  gone: 'the broker is replaced by an empty one',
  harm: 'its operator can read and withhold reports; orders and calls are signed',
  until: 'the new one is started',
  command: 'start the new broker at the same address',
  async rehearse(fleet) {
    return timed(async () => {
      await fleet.stopBroker();
      await fleet.startBroker();
      await fleet.orderNew();
    });
  },
};

export const serviceRecoveries: readonly Recovery[] = [database, broker];
