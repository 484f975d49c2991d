import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { asGoshawkError, InputError, RefusedError } from '../../base/index.ts';

const Context = Type.Object({
  url: Type.String({ maxLength: 2048 }),
  token: Type.String({ maxLength: 4096 }),
});
const Contexts = Type.Object({
  current: Type.Optional(Type.String({ maxLength: 255 })),
  contexts: Type.Record(Type.String({ minLength: 1, maxLength: 255 }), Context),
});
/** A controller with the token that you logged in with. */
export type Context = Static<typeof Context>;
/** Every controller that you logged in to, by the name of its context. */
export type Contexts = Static<typeof Contexts>;

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/goshawk/contexts.json`, or below `~/.config`. */
export function contextsFile(environment: Environment = process.env): string {
  const { XDG_CONFIG_HOME: folder = '' } = environment;
  return join(folder === '' ? join(homedir(), '.config') : folder, 'goshawk', 'contexts.json');
}

/**
 * Contexts of this user; none where there is no file. RefusedError `contexts-open` where other users can read the file,
 * InputError `contexts-invalid` for a file of another form.
 */
export function readContexts(file = contextsFile()): Contexts {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
    if ((statSync(file).mode & 0o077) !== 0)
      throw new RefusedError(
        'contexts-open',
        `Other users of this machine can read your tokens in ${file}.`,
        `Run: chmod 600 ${file}`,
      );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} };
    throw asGoshawkError(error, 'contexts-unreadable', `Let this user read ${file}.`);
  }
  const parsed = parsedJson(text);
  if (Value.Check(Contexts, parsed)) return parsed;
  throw new InputError(
    'contexts-invalid',
    `${file} is not a file of contexts.`,
    `Delete it and log in again: goshawk login URL`,
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `given`, or the host of the address: `fleet.example`, `127.0.0.1:8081`. */
export function contextName(url: string, given?: string): string {
  return given ?? new URL(url).host;
}

export function withContext(before: Contexts, name: string, context: Context): Contexts {
  return { current: name, contexts: { ...before.contexts, [name]: context } };
}

/** Another context is current only once you choose it. InputError `context-unknown`. */
export function withoutContext(before: Contexts, name: string): Contexts {
  expectContext(before, name);
  const { [name]: _, ...contexts } = before.contexts;
  return before.current === name || before.current === undefined
    ? { contexts }
    : { current: before.current, contexts };
}

/** InputError `context-unknown`. */
export function expectContext({ contexts }: Contexts, name: string): Context {
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (context !== undefined) return context;
  const known = Object.keys(contexts).join(', ') || 'none yet';
  throw new InputError(
    'context-unknown',
    `There is no context ${name}.`,
    `Contexts: ${known}. Make one: goshawk login URL`,
  );
}
