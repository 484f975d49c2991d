/**
 * `npm run bench -- recovery [--devices 6] [--simulated 50] [--only NAME ...] [--withdrawn]`: from the owners' first command to
 * the last device being right again, for each recovery of `goshawk keys rehearse`, with real agents in this process and
 * simulated devices that believe and obey as agents do. `--withdrawn [--away SECONDS]`: how long a
 * model goes on that its owners withdraw, of devices that are online, and after they were away.
 */
import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { type Clock, type Log, silentLog } from '../../../src/base/index.ts';
import { noProgress } from '../../../src/runtime/index.ts';
import { RehearsalFleet, type RehearsalOptions } from '../../../src/runtime/rehearsal/fleet.ts';
import type { RehearsalModel } from '../../../src/runtime/rehearsal/models.ts';
import { timed } from '../../../src/runtime/rehearsal/recovery.ts';
import { rehearse } from '../../../src/runtime/rehearsal/rehearse.ts';
import { pushModel } from '../../../src/workbench/index.ts';
import { SimulatedDevice } from './simulated-device.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '6' },
    simulated: { type: 'string', default: '50' },
    only: { type: 'string', multiple: true, default: [] },
    patience: { type: 'string', default: '400' },
    withdrawn: { type: 'boolean', default: false },
    away: { type: 'string', default: '60' },
  },
});
const simulated = Array.from({ length: Number(values.simulated) }, (_, at) => `simulated-${at + 1}`);

class BenchFleet extends RehearsalFleet {
  readonly #simulated = new Map<string, SimulatedDevice>();

  constructor(options: RehearsalOptions, ports: { readonly clock: Clock; readonly log: Log }) {
    super(options, ports);
    this.ids.push(...simulated);
  }

  override async startDevice(id: string, claim?: string, root?: Uint8Array): Promise<void> {
    if (!simulated.includes(id)) return super.startDevice(id, claim, root);
    this.#simulated.set(id, await SimulatedDevice.start(id, this, root));
  }

  override async stopDevice(id: string): Promise<void> {
    await super.stopDevice(id);
    await this.#simulated.get(id)?.close();
  }
}

const ports = { clock: new SystemClock(), log: silentLog };
const options = {
  devices: Number(values.devices),
  patienceMs: 1_000 * Number(values.patience),
  push: (folder: string, controller: { readonly url: string; readonly token: string }) =>
    pushModel(folder, undefined, controller, {
      ...{ log: silentLog, startProgress: noProgress, signal: new AbortController().signal },
    }),
};
const print = (line: string) => process.stdout.write(`${line}\n`);
print(
  `${cpus().length} cores (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
);
print(`${values.devices} agents and ${values.simulated} simulated devices\n`);

if (values.withdrawn) {
  const fleet = new RehearsalFleet(options, ports);
  await fleet.start();
  const [good, bad, worse] = [await fleet.release(), await fleet.release(), await fleet.release()];
  const withdraw = ({ target, ...model }: RehearsalModel) =>
    fleet.sign({ ...model, target: { ...target, custom: { goshawk: { release: 1, revoked: true } } } });
  for (const model of [good, bad]) {
    await fleet.order(model);
    await fleet.runs(model);
  }
  const onlineMs = await timed(async () => {
    await withdraw(bad);
    await fleet.runs(good);
  });
  print(`withdrawn, online: ${(onlineMs / 1000).toFixed(1)} s until no device ran it`);
  await fleet.order(worse);
  await fleet.runs(worse);
  // Devices are away: neither broker nor controller answers. The owners withdraw before the broker is back.
  await fleet.stopBroker();
  await fleet.stopController();
  await delay(1_000 * Number(values.away));
  await fleet.startController();
  await withdraw(worse);
  const backMs = await timed(async () => {
    await fleet.startBroker();
    await fleet.runs(good);
  });
  print(`withdrawn, away for ${values.away} s: ${(backMs / 1000).toFixed(1)} s from the network's return`);
  print(`load ${loadavg()[0]?.toFixed(1)}`);
  await fleet.close();
} else {
  print('| recovery | last device right after | load |\n|--|--|--|');
  await rehearse(
    {
      ...options,
      only: values.only,
      open: (...given) => new BenchFleet(...given),
      onDone: ({ name, worked, seconds, why }) =>
        print(
          `| ${name} | ${worked ? `${seconds} s` : `it did not work: ${why}`} | ${loadavg()[0]?.toFixed(1)} |`,
        ),
    },
    ports,
  );
}
process.exit();
