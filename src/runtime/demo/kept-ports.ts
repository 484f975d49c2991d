import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/index.ts';
import { freePort } from '../free-port.ts';

/** Ports that enrolled devices know. A fleet that is started again from a kept folder has the same ones. */
export interface KeptPorts {
  readonly broker: number;
  readonly devices: number;
}

/** Those of the last start where they are free, else others. */
export async function keptPorts(folder: string): Promise<KeptPorts> {
  const file = join(folder, 'ports.json');
  const before = await readPorts(file);
  const ports = { broker: await freePort(before.broker), devices: await freePort(before.devices) };
  await writeFileAtomic(file, `${JSON.stringify(ports)}\n`);
  return ports;
}

async function readPorts(file: string): Promise<KeptPorts> {
  try {
    const { broker, devices } = JSON.parse(await readFile(file, 'utf8')) as Partial<KeptPorts>;
    return { broker: portOf(broker), devices: portOf(devices) };
  } catch {
    // The first start, or a file that was cut short: any port.
    return { broker: 0, devices: 0 };
  }
}

function portOf(value: unknown): number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536 ? Number(value) : 0;
}
