import { defined, InputError } from '../../base/index.ts';
import { type Contexts, expectContext, readContexts } from './contexts.ts';

/** What the command line says of the controller. */
export interface Target {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly context?: string | undefined;
}

/** Where the controller is, and with what to ask it. */
export interface Address {
  readonly url: string;
  readonly token?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const defaultUrl = 'http://127.0.0.1:8080';

/**
 * The controller that is meant: options first (`--url`, `--context`), then the environment (GOSHAWK_URL, GOSHAWK_CONTEXT),
 * then the current context. A stored token goes to the address that it was stored with and to no other, and a named
 * context is not given the token of the environment. InputErrors `url-invalid` and `context-unknown`.
 */
export function addressOf(
  { url, token, context }: Target,
  environment: Environment = process.env,
  contexts: () => Contexts = readContexts,
): Address {
  if (context !== undefined) return within(expectContext(contexts(), context), url, token);
  const given = token ?? filled(environment.GOSHAWK_TOKEN);
  const named = filled(environment.GOSHAWK_CONTEXT);
  const address = url ?? filled(environment.GOSHAWK_URL);
  if (address !== undefined) {
    const at = checkedUrl(address);
    if (given !== undefined) return { url: at, token: given };
    return Object.values(contexts().contexts).find((one) => one.url === at) ?? { url: at };
  }
  const { current, contexts: known } = contexts();
  const chosen = named ?? current;
  if (chosen === undefined) return within({ url: defaultUrl }, undefined, given);
  return within(expectContext({ contexts: known }, chosen), undefined, given);
}

/** `url` and `token` before those of the context. */
function within(context: Address, url: string | undefined, token: string | undefined): Address {
  const at = url === undefined ? context.url : checkedUrl(url);
  const shown = token ?? (at === context.url ? context.token : undefined);
  return { url: at, ...defined({ token: shown }) };
}

/** Without a slash at its end. InputError `url-invalid`. */
export function checkedUrl(url: string): string {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url))
    throw new InputError(
      'url-invalid',
      `"${url}" is not an address.`,
      'Give http://host:port or https://host.',
    );
  return url.replace(/\/+$/, '');
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
