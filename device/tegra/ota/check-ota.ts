import { readTegra } from '../probe.ts';
import { decideOta, type OtaVerdict } from './decide.ts';

export interface OtaPlace {
  /** `/` except in tests. */
  readonly root?: string;
  /** Default: where the package keeps the agent's state. */
  readonly stateFolder?: string;
}

/** Says before an update of the system whether this board would switch its slots, and why not. Changes nothing. */
export async function checkOta({
  root = '/',
  stateFolder = '/var/lib/goshawk-agent',
}: OtaPlace = {}): Promise<OtaVerdict> {
  return decideOta(await readTegra({ root, stateFolder }));
}
