import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './guest.ts';
import { firmwareOf } from './hardware.ts';
import { Machine } from './machine.ts';
import { work } from './places.ts';
import { isThere } from './prepare.ts';

const limitMs = 20_000;

/**
 * What can be told before anything is installed: undefined, where only a try can tell. A processor without virtualization of its
 * own may have a /dev/kvm all the same.
 */
export function kvmHopeless(): string | undefined {
  if (!existsSync('/dev/kvm')) return 'there is no /dev/kvm';
  if (isThere('qemu-system-x86_64') && existsSync(firmwareOf('amd64'))) return undefined;
  return /^flags.*\b(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
    ? undefined
    : 'the processor shows neither vmx nor svm, and QEMU is not installed to try';
}

/** Why no PC starts by KVM here; undefined: one does. That there is a /dev/kvm says little, so one is started. */
export async function kvmProblem(): Promise<string | undefined> {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/kvm may not be opened';
  }
  const machine = new Machine({ folder: join(work, 'kvm'), disk: 'null-co://' });
  try {
    await until('', limitMs, async () => machine.console.length > 0 || !machine.running);
  } catch {
    return `the firmware of a PC says nothing within ${limitMs / 1000} s`;
  } finally {
    await machine.cut();
  }
  return machine.console.length > 0 ? undefined : `QEMU ended: ${machine.words.trim().split('\n').at(-1)}`;
}
