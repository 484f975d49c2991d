import { goshawkVersion } from '../version.ts';
import { checkCameras } from './cameras.ts';
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
  checkNative,
  checkSecretMemory,
  checkFfmpeg,
  checkCameras,
  checkMosquitto,
  checkRos,
  checkSocketBuffers,
];

/** Without these nothing runs. */
const needed: ReadonlySet<string> = new Set(['node', 'onnxruntime-node', 'sharp', 'sqlite']);

export interface MachineReport {
  /** Everything that Goshawk can't do without is there. */
  readonly ok: boolean;
  readonly version: string;
  readonly checks: readonly Check[];
  /** What is needed and does not work. */
  readonly fatal: readonly string[];
}

/** What this machine has for Goshawk, and whom the agent on it trusts (`config`: its settings, where not the usual ones). */
export async function checkMachine({ config }: { readonly config?: string } = {}): Promise<MachineReport> {
  const found = (
    await Promise.all(
      [...checks, () => checkKeySeal(config), () => checkTrust(config)].map((check) => check()),
    )
  ).flat();
  const fatal = found
    .filter(({ name, state }) => state === 'broken' && needed.has(name))
    .map(({ name }) => name);
  return { ok: fatal.length === 0, version: goshawkVersion(), checks: found, fatal };
}
