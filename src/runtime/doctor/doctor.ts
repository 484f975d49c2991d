import type { CommandContext } from '../../cli/command.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { goshawkVersion } from '../version.ts';
import type { Check } from './check.ts';
import { checkCompiler, checkNative, checkOnnxruntimeNode, checkSharp, checkSqlite } from './engines.ts';
import {
  checkBoard,
  checkDisk,
  checkFfmpeg,
  checkGpu,
  checkMachine,
  checkMosquitto,
  checkNode,
  checkRos,
} from './machine.ts';

/** In the order in which they are shown. */
const checks: readonly (() => Promise<Check | readonly Check[]>)[] = [
  checkNode,
  checkMachine,
  checkBoard,
  checkGpu,
  checkDisk,
  checkOnnxruntimeNode,
  checkSharp,
  checkSqlite,
  checkCompiler,
  checkNative,
  checkFfmpeg,
  checkMosquitto,
  checkRos,
];

/** Without these nothing runs. */
const needed: ReadonlySet<string> = new Set(['node', 'onnxruntime-node', 'sharp', 'sqlite']);

const marks = { ok: 'ok', absent: '--', broken: '!!' } as const;

export async function doctor({ output: out }: CommandContext): Promise<number> {
  const found = (await Promise.all(checks.map((check) => check()))).flat();
  const width = Math.max(...found.map(({ name }) => name.length));
  for (const { name, state, detail, remedy } of found) {
    out.line(`${marks[state]}  ${name.padEnd(width)}  ${detail}`);
    if (remedy !== undefined) out.line(`    ${' '.repeat(width)}  -> ${remedy}`);
  }
  const fatal = found.filter(({ name, state }) => state === 'broken' && needed.has(name));
  out.line();
  out.line(
    fatal.length === 0
      ? 'Goshawk runs on this machine. ok: there, --: optional and not there, !!: needs a look'
      : `Goshawk can't run on this machine: ${fatal.map(({ name }) => name).join(', ')}.`,
  );
  out.value({ ok: fatal.length === 0, version: goshawkVersion(), checks: found });
  return fatal.length === 0 ? exitCodes.ok.code : exitCodes.missing.code;
}
