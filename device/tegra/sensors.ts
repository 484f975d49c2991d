import { join } from 'node:path';
import type { TegraReadings } from '../../src/agent/index.ts';
import { defined } from '../../src/base/index.ts';
import {
  kernelNames as names,
  readKernelNumber as number,
  readKernelText as text,
} from '../../src/platform/index.ts';

/*
 * What tegrastats and jetson_clocks show, from the files that they read. Where what lies, and who says so:
 * test/fixtures/boards/. What root alone may read (debugfs) is left out for everybody else.
 */

/** Of the kernel's driver for over-current (soctherm_oc), by the number of its counter. */
const overcurrentKinds = { 1: 'under-voltage', 2: 'average', 3: 'instantaneous' } as const;
/** Names that devfreq gives the GPU: Orin on JetPack 6 and 5, Xavier, TX2, Nano; then Thor. */
const gpuName = /^(gpu-gpc-0|[0-9a-f]+\.(gpu|ga10b|gv11b|gp10b|gm20b))$/;

/** The sensors of one board, found once. Reading never rejects: what can't be read now is left out. */
export class TegraSensors {
  readonly #root: string;
  #found: Promise<Places> | undefined;

  /** `root` is `/` except in tests. */
  constructor(root = '/') {
    this.#root = root;
  }

  async read(): Promise<TegraReadings> {
    this.#found ??= this.#find();
    const places = await this.#found;
    const [gpu, memory, policies, powerMode, overcurrent] = await Promise.all([
      this.#gpu(places),
      this.#memory(places),
      Promise.all(places.policies.map((folder) => clockOf(folder, 'scaling_'))),
      this.#powerMode(places),
      Promise.all(places.overcurrent.map(readCounter)),
    ]);
    const pinned = [...policies, ...(places.gpu === undefined ? [] : [gpu.clock])];
    return {
      ...defined({ gpuLoad: gpu.load }),
      ...(gpu.clock?.hz === undefined ? {} : { gpuHz: gpu.clock.hz }),
      ...defined({ memoryHz: memory.hz, memoryLoad: memory.load }),
      ...highest(policies.map((clock) => clock?.hz)),
      ...defined({ powerMode }),
      overcurrent: overcurrent.flat(),
      // jetson_clocks raises every lower limit to the upper one.
      ...(pinned.length === 0 || pinned.some((clock) => clock === undefined)
        ? {}
        : { clocksPinned: pinned.every((clock) => clock?.minHz === clock?.maxHz) }),
    };
  }

  async #gpu({ gpu }: Places): Promise<{ load?: number; clock?: ClockReading }> {
    if (gpu === undefined) return {};
    const [perMille, clock] = await Promise.all([number(join(gpu, 'device/load')), clockOf(gpu, '', 1)]);
    return {
      ...(perMille === undefined ? {} : { load: Math.min(1, perMille / 1000) }),
      ...defined({ clock }),
    };
  }

  /** EMC: devfreq on Thor, debugfs for root on Orin; how busy it is in kHz of its clock. */
  async #memory({ memory, activity }: Places): Promise<{ hz?: number; load?: number }> {
    const hz = memory === undefined ? undefined : await number(memory);
    const busyKhz = activity === undefined ? undefined : await number(activity);
    if (hz === undefined || hz <= 0) return {};
    return { hz, ...(busyKhz === undefined ? {} : { load: Math.min(1, (busyKhz * 1000) / hz) }) };
  }

  async #powerMode({ modes }: Places): Promise<string | undefined> {
    const id = /pmode:0*(\d+)/.exec((await text(join(this.#root, 'var/lib/nvpmodel/status'))) ?? '')?.[1];
    return id === undefined ? undefined : (modes.get(Number(id)) ?? `mode ${id}`);
  }

  async #find(): Promise<Places> {
    const at = (path: string) => join(this.#root, path);
    const devfreq = await names(at('sys/class/devfreq'));
    const gpu = devfreq.find((name) => gpuName.test(name));
    const chips = await names(at('sys/class/hwmon'));
    const overcurrent: Counter[] = [];
    for (const chip of chips) {
      if ((await text(at(`sys/class/hwmon/${chip}/name`))) !== 'soctherm_oc') continue;
      for (const [n, kind] of Object.entries(overcurrentKinds))
        overcurrent.push({ kind, file: at(`sys/class/hwmon/${chip}/oc${n}_event_cnt`) });
    }
    const policies = (await names(at('sys/devices/system/cpu/cpufreq'))).filter((one) =>
      /^policy\d+$/.test(one),
    );
    return {
      gpu: gpu === undefined ? undefined : at(`sys/class/devfreq/${gpu}`),
      memory: await firstReadable([
        at('sys/class/devfreq/bwmgr/cur_freq'),
        at('sys/kernel/debug/bpmp/debug/clk/emc/rate'),
      ]),
      activity: await firstReadable([
        at('sys/kernel/debug/cactmon/mc_all'),
        at('sys/kernel/debug/bpmp/debug/actmon/mc_all_avg_activity'),
        at('sys/kernel/actmon_avg_activity/mc_all'),
      ]),
      policies: policies.map((name) => at(`sys/devices/system/cpu/cpufreq/${name}`)),
      overcurrent,
      modes: modesOf((await text(at('etc/nvpmodel.conf'))) ?? ''),
    };
  }
}

interface Counter {
  readonly kind: (typeof overcurrentKinds)[keyof typeof overcurrentKinds];
  readonly file: string;
}

interface Places {
  readonly gpu: string | undefined;
  readonly memory: string | undefined;
  readonly activity: string | undefined;
  readonly policies: readonly string[];
  readonly overcurrent: readonly Counter[];
  readonly modes: ReadonlyMap<number, string>;
}

interface ClockReading {
  readonly hz: number;
  readonly minHz: number;
  readonly maxHz: number;
}

/** cpufreq counts in kHz, devfreq in Hz. */
async function clockOf(folder: string, prefix: string, unit = 1000): Promise<ClockReading | undefined> {
  const [hz, minHz, maxHz] = await Promise.all(
    ['cur_freq', 'min_freq', 'max_freq'].map((name) => number(join(folder, `${prefix}${name}`))),
  );
  if (hz === undefined || minHz === undefined || maxHz === undefined) return undefined;
  return { hz: hz * unit, minHz: minHz * unit, maxHz: maxHz * unit };
}

async function readCounter({ kind, file }: Counter) {
  const count = await number(file);
  return count === undefined ? [] : [{ kind, count }];
}

function highest(clocks: readonly (number | undefined)[]): { cpuHz?: number } {
  const known = clocks.flatMap((hz) => (hz === undefined ? [] : [hz]));
  return known.length === 0 ? {} : { cpuHz: Math.max(...known) };
}

function modesOf(configuration: string): Map<number, string> {
  const lines = configuration.matchAll(/POWER_MODEL\s+ID=0*(\d+)\s+NAME=(\S+)/g);
  return new Map([...lines].map(([, id, name]) => [Number(id), name!.slice(0, 128)]));
}

async function firstReadable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await number(path)) !== undefined) return path;
  return undefined;
}
