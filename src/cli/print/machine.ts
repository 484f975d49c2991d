import type { MachineReport } from '../../runtime/index.ts';
import type { Output } from '../output.ts';

const marks = { ok: 'ok', absent: '--', broken: '!!' } as const;

export function printMachine(out: Output, { ok, version, checks, fatal, unloadable }: MachineReport): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, state, detail, remedy } of checks) {
    out.line(`${marks[state]}  ${name.padEnd(width)}  ${detail}`);
    if (remedy !== undefined) out.line(`    ${' '.repeat(width)}  -> ${remedy}`);
  }
  out.line();
  if (fatal.length > 0) out.line(`Goshawk can't run on this machine: ${fatal.join(', ')}.`);
  else if (unloadable.length > 0)
    out.line(`Goshawk runs on this machine without parts that should load: ${unloadable.join(', ')}.`);
  else out.line('Goshawk runs on this machine. ok: there, --: optional and not there, !!: needs a look');
  out.value({ ok, version, checks });
}
