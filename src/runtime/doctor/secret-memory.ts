import { readFile } from 'node:fs/promises';
import { describeError } from '../../base/index.ts';
import { absent, type Check, ok } from './check.ts';

const name = 'encrypted models';
/** The network of a usual model, open for as long as an engine takes to load it. */
const wantedBytes = 64 * 2 ** 20;

/** Whether plain bytes of encrypted models stay off the disk here: no dumps, locked memory, no swap on a disk. */
export async function checkSecretMemory(swaps = '/proc/swaps'): Promise<Check> {
  const remedy = 'You can ignore this without encrypted models; otherwise see docs/encryption.md.';
  try {
    const { lockProblem } = await import('../../../device/native/index.ts');
    const problem = lockProblem(wantedBytes);
    const places = swapOnDisk(await readFile(swaps, 'utf8').catch(() => ''));
    if (problem === '') return ok(name, 'their memory can be locked, and is in no dump');
    if (places.length === 0)
      return ok(name, `their memory cannot be locked (${problem}), but there is no swap on a disk`);
    return absent(
      name,
      `their memory cannot be locked (${problem}) and may be swapped to ${places.join(', ')}`,
      remedy,
    );
  } catch (error) {
    return absent(name, `their memory may be swapped and dumped: ${describeError(error)}`, remedy);
  }
}

/** Compressed memory is no disk. */
export function swapOnDisk(swaps: string): string[] {
  return swaps
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/)[0] ?? '')
    .filter((place) => place !== '' && !place.startsWith('/dev/zram'));
}
