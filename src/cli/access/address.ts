import { InputError } from '../../base/index.ts';
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
 * The controller that is meant: options first, then GOSHAWK_URL and GOSHAWK_TOKEN, then the context (`--context`,
 * GOSHAWK_CONTEXT, the current one). A token of a context goes to the address of that context and to no other. InputErrors
 * `url-invalid` and `context-unknown`.
 */
export function addressOf(
  target: Target,
  environment: Environment = process.env,
  contexts: () => Contexts = readContexts,
): Address {
  const url = target.url ?? filled(environment.GOSHAWK_URL);
  const token = target.token ?? filled(environment.GOSHAWK_TOKEN);
  const named = target.context ?? filled(environment.GOSHAWK_CONTEXT);
  if (named !== undefined) {
    const context = expectContext(contexts(), named);
    if (url === undefined || checkedUrl(url) === context.url)
      return { url: context.url, token: token ?? context.token };
    return { url: checkedUrl(url), ...(token === undefined ? {} : { token }) };
  }
  if (url !== undefined && token !== undefined) return { url: checkedUrl(url), token };
  const known = contexts();
  if (url !== undefined) {
    const at = checkedUrl(url);
    const found = Object.values(known.contexts).find((context) => context.url === at);
    return found ?? { url: at };
  }
  const current = known.current === undefined ? undefined : known.contexts[known.current];
  if (current === undefined) return { url: defaultUrl, ...(token === undefined ? {} : { token }) };
  return { url: current.url, token: token ?? current.token };
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
