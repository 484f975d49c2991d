import { type AddonVerdict, tryAddons } from '../trials/addons.ts';
import { goshawkVersion } from '../version.ts';
import { checkVideoDevices } from './cameras.ts';
import type { Check } from './check.ts';
import { checkCompiler, checkNative, checkOnnxruntimeNode, checkSharp, checkSqlite } from './engines.ts';
import { checkKeySeal } from './key-seal.ts';
import {
  checkBoard,
  checkDisk,
  checkFfmpeg,
  checkGpu,
  checkHardware,
  checkMosquitto,
  checkNode,
  checkRos,
} from './machine.ts';
import { checkSecretMemory } from './secret-memory.ts';
import { checkSocketBuffers } from './socket-buffers.ts';
import { checkTrust } from './trust/read.ts';
import { checkUpdates } from './updates.ts';

/** In the order in which they are shown. */
const checks: readonly (() => Promise<Check | readonly Check[]>)[] = [
  checkNode,
  checkHardware,
  checkBoard,
  checkGpu,
  checkDisk,
  checkOnnxruntimeNode,
  checkSharp,
  checkSqlite,
  checkCompiler,
  checkSecretMemory,
  checkFfmpeg,
  checkVideoDevices,
  checkMosquitto,
  checkRos,
  checkSocketBuffers,
  checkUpdates,
];

/** Without these nothing runs. */
const needed: ReadonlySet<string> = new Set(['node', 'onnxruntime-node', 'sharp', 'sqlite']);

export interface MachineReport {
  /** Everything that Goshawk can't do without is there, and every native part that is installed loads. */
  readonly ok: boolean;
  readonly version: string;
  readonly checks: readonly Check[];
  /** What is needed and does not work. */
  readonly fatal: readonly string[];
  /** Native parts that are installed and do not load. */
  readonly unloadable: readonly string[];
}

export interface MachineQuestion {
  /** Settings of the agent, where not the usual ones. */
  readonly config?: string;
  readonly signal: AbortSignal;
  /** Default: tried here. */
  readonly addons?: readonly AddonVerdict[];
}

/** What this machine has for Goshawk, and whom the agent on it trusts. */
export async function checkMachine({ config, signal, addons }: MachineQuestion): Promise<MachineReport> {
  // First: what does not load must not be loaded by the other checks.
  const verdicts = addons ?? (await tryAddons({ signal }));
  const all = [...checks, () => checkKeySeal(config), () => checkTrust(config)];
  const found = await Promise.all(all.map(async (check) => [await check()].flat()));
  const native = await checkNative(verdicts);
  const before = checks.indexOf(checkSecretMemory);
  const rows = [...found.slice(0, before), native, ...found.slice(before)].flat();
  const fatal = found
    .flat()
    .filter(({ name, state }) => state === 'broken' && needed.has(name))
    .map(({ name }) => name);
  const unloadable = verdicts
    .filter(({ installed, state }) => installed && state === 'broken')
    .map(({ addon }) => addon);
  return {
    ...{ ok: fatal.length === 0 && unloadable.length === 0, version: goshawkVersion() },
    ...{ checks: rows, fatal, unloadable },
  };
}
