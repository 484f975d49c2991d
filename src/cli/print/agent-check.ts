import type { AgentCheck } from '../../runtime/index.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';

const marks = { works: 'ok', away: '--', fails: '!!' } as const;
/** The first of these is the status: failures that you must fix before those that may pass. */
const order = [exitCodes.input, exitCodes.missing, exitCodes.refused, exitCodes.limit].map(
  ({ code }) => code,
);

/** Gives the exit status. */
export function printAgentCheck(out: Output, { notes, parts }: AgentCheck): number {
  for (const note of notes) out.note(note);
  const width = Math.max(0, ...parts.map(({ name }) => name.length));
  for (const { name, state, detail, remedy } of parts) {
    out.line(`${marks[state]}  ${name.padEnd(width)}  ${detail}`);
    if (remedy !== undefined) out.line(`    ${' '.repeat(width)}  -> ${remedy}`);
  }
  const code = statusOf(parts);
  const ok = code === exitCodes.ok.code;
  out.line(ok ? 'ok' : 'Not ok: fix each !!. --: not reached now, the agent works without it');
  out.value({
    ...{ type: 'checked', ok, notes },
    parts: parts.map(({ error, ...part }) => ({
      ...part,
      ...(error === undefined ? {} : { code: error.code }),
    })),
  });
  return code;
}

function statusOf(parts: AgentCheck['parts']): number {
  const codes = parts.flatMap(({ state, error }) => (state === 'fails' ? [exitCodeOf(error)] : []));
  return order.find((code) => codes.includes(code)) ?? codes[0] ?? exitCodes.ok.code;
}
