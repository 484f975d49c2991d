import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { BoardReadings } from '../../agent/index.ts';
import {
  kernelNames as names,
  readKernelNumber as number,
  readKernelText as text,
} from '../../platform/index.ts';
import type { Birth } from '../../protocol/index.ts';

/** What the machine says of itself. `root` is `/` except in tests. */
export async function boardFacts(root: string): Promise<Birth['board']> {
  const powerMode = await nvpmodel(root);
  return {
    name: ((await boardName(root)) ?? cpus()[0]?.model ?? 'unknown').slice(0, 128) || 'unknown',
    arch: arch(),
    os: ((await osName(root)) ?? `${type()} ${release()}`).slice(0, 200),
    cores: cpus().length,
    memoryBytes: totalmem(),
    ...(powerMode === undefined ? {} : { powerMode: powerMode.slice(0, 128) }),
  };
}

/** The device tree names a Jetson or another board, DMI a PC; both may hold placeholders. */
async function boardName(root: string): Promise<string | undefined> {
  const tree = await text(join(root, 'proc/device-tree/model'));
  const dmi = await text(join(root, 'sys/class/dmi/id/product_name'));
  return [tree, dmi].find(
    (name) => name !== undefined && name !== '' && !/^(to be filled|default|system product)/i.test(name),
  );
}

async function osName(root: string): Promise<string | undefined> {
  const file = await text(join(root, 'etc/os-release'));
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(file ?? '')?.[1];
}

/** Name of the power mode that nvpmodel has set: its number from the status file, its name from the configuration. */
async function nvpmodel(root: string): Promise<string | undefined> {
  const id = /pmode:0*(\d+)/.exec((await text(join(root, 'var/lib/nvpmodel/status'))) ?? '')?.[1];
  if (id === undefined) return undefined;
  const modes = (await text(join(root, 'etc/nvpmodel.conf'))) ?? '';
  return new RegExp(`POWER_MODEL\\s+ID=0*${id}\\s+NAME=(\\S+)`).exec(modes)?.[1] ?? `mode ${id}`;
}

interface Rail {
  readonly rail: string;
  /** Millivolts and milliamperes, or microwatts. */
  readonly files: { readonly voltage: string; readonly current: string } | { readonly power: string };
}

/**
 * Cooling devices that slow the machine down when they are at work: alerts of a Tegra's thermal hardware, capped clocks of
 * cores, processors of ACPI. A fan is none, and what caps another part's clock (devfreq) may be a limit that somebody set.
 */
const slowing = /(-throttle-alert|^hot-surface-alert|^cpufreq-.*|^Processor)$/;

/** Thermal zones, cooling devices, and power rails of hwmon (INA3221 on a Jetson), found once. */
export class BoardSensors {
  readonly #root: string;
  #found: Promise<Sensors> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** A sensor that can't be read now is left out. */
  async read(): Promise<BoardReadings> {
    this.#found ??= this.#find();
    const { zones, coolers, rails } = await this.#found;
    const temperatures = await Promise.all(
      zones.map(async ({ zone, file }) => {
        const milli = await number(file);
        // A zone that is switched off reads far below what any board can have (-256 C on Tegra).
        return milli === undefined || milli < -100_000 ? [] : [{ zone, celsius: milli / 1000 }];
      }),
    );
    const power = await Promise.all(rails.map(readRail));
    const slowed = await Promise.all(
      coolers.map(async ({ zone, file }) => (((await number(file)) ?? 0) > 0 ? [zone] : [])),
    );
    const slowedBy = coolers.length === 0 ? {} : { slowedBy: slowed.flat() };
    return { temperatures: temperatures.flat(), power: power.flat(), ...slowedBy };
  }

  async #find(): Promise<Sensors> {
    const thermal = join(this.#root, 'sys/class/thermal');
    const zones: { zone: string; file: string }[] = [];
    for (const name of (await names(thermal)).filter((one) => one.startsWith('thermal_zone'))) {
      const kind = await text(join(thermal, name, 'type'));
      const zone = kind === undefined || zones.some((other) => other.zone === kind) ? name : kind;
      zones.push({ zone, file: join(thermal, name, 'temp') });
    }
    const coolers: { zone: string; file: string }[] = [];
    for (const name of (await names(thermal)).filter((one) => one.startsWith('cooling_device'))) {
      const kind = (await text(join(thermal, name, 'type'))) ?? '';
      if (slowing.test(kind)) coolers.push({ zone: kind, file: join(thermal, name, 'cur_state') });
    }
    const hwmon = join(this.#root, 'sys/class/hwmon');
    const rails: Rail[] = [];
    for (const name of await names(hwmon)) rails.push(...(await railsOf(join(hwmon, name))));
    return { zones, coolers, rails };
  }
}

interface Sensors {
  readonly zones: readonly { readonly zone: string; readonly file: string }[];
  readonly coolers: readonly { readonly zone: string; readonly file: string }[];
  readonly rails: readonly Rail[];
}

/** Channels of one monitor: `in<N>_label` with `in<N>_input` and `curr<N>_input`, or `power<N>_input`. */
async function railsOf(folder: string): Promise<Rail[]> {
  const chip = (await text(join(folder, 'name'))) ?? 'hwmon';
  const files = new Set(await names(folder));
  const rails: Rail[] = [];
  for (const file of files) {
    const channel = /^(power|curr)(\d+)_input$/.exec(file);
    if (channel === null) continue;
    const [, kind, n] = channel;
    const voltage = `in${n}_input`;
    // A monitor that multiplies by itself (INA238) shows both: one rail.
    if (kind === 'curr' && (!files.has(voltage) || files.has(`power${n}_input`))) continue;
    // Of an INA3221 only 1 to 3 are rails: in4 to in6 are shunt voltages, curr4 is a sum (docs.kernel.org/hwmon/ina3221).
    if (chip === 'ina3221' && Number(n) > 3) continue;
    const label =
      (kind === 'power' ? await text(join(folder, `power${n}_label`)) : undefined) ??
      (await text(join(folder, `in${n}_label`))) ??
      `${chip} ${n}`;
    rails.push({
      rail: label,
      files:
        kind === 'power'
          ? { power: join(folder, file) }
          : { voltage: join(folder, voltage), current: join(folder, file) },
    });
  }
  return rails;
}

async function readRail({ rail, files }: Rail): Promise<{ rail: string; watts: number }[]> {
  if ('power' in files) {
    const micro = await number(files.power);
    return micro === undefined ? [] : [{ rail, watts: micro / 1e6 }];
  }
  const [milliVolts, milliAmperes] = await Promise.all([number(files.voltage), number(files.current)]);
  if (milliVolts === undefined || milliAmperes === undefined) return [];
  return [{ rail, watts: (milliVolts * milliAmperes) / 1e6 }];
}
