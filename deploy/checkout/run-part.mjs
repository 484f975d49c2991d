// Runs a part of parts.mjs by its name.
import { join } from 'node:path';
import { run, say } from './setup.mjs';

/** What vitest is called with for a part. */
export const vitestArguments = ({ vitest }) => (typeof vitest === 'function' ? vitest() : vitest);

/** Gives the exit status of a part's program, or of vitest. */
export function runPart([part], args) {
  const stdio = ['ignore', 'inherit', 'inherit'];
  if (part.program !== undefined) return run(process.execPath, [...part.program, ...args], { stdio });
  const program = join('node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, ...part.env };
  return run(process.execPath, [program, 'run', ...vitestArguments(part), ...args], { stdio, env });
}

/** The list of parts, one a line. */
export function list(command, parts) {
  const width = Math.max(...Object.keys(parts).map((name) => name.length));
  return Object.entries(parts)
    .map(([name, [, what]]) => `  ${command} -- ${name.padEnd(width)}  ${what}`)
    .join('\n');
}

/** Runs the named part; where there is none of that name, says so with the list: status 2. */
export function runNamed(command, parts, [name, ...args]) {
  if (name !== undefined && Object.hasOwn(parts, name)) return runPart(parts[name], args);
  if (name !== undefined && name !== '--list') say(`There is no part "${name}". The parts:`);
  console.log(list(command, parts));
  return name === undefined || name === '--list' ? 0 : 2;
}
