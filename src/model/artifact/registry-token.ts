/* Docker's token scheme, which registries use: what they ask for, and what their token server answers. */

/** What a registry wants to see, as its WWW-Authenticate says. */
export type Challenge =
  | { readonly kind: 'basic' }
  /** A token, which is got at `realm`. */
  | { readonly kind: 'bearer'; readonly realm: string; readonly service: string | undefined };

const longestHeader = 4_096;

/** Undefined where it asks for something that is not known here. */
export function parseChallenge(header: string | null | undefined): Challenge | undefined {
  if (header === null || header === undefined || header.length > longestHeader) return undefined;
  if (/^basic\b/i.test(header)) return { kind: 'basic' };
  if (!/^bearer\s/i.test(header)) return undefined;
  const values = new Map<string, string>();
  for (const [, name, quoted, bare] of header.slice(7).matchAll(/([a-z_]+)=(?:"([^"]*)"|([^",\s]+))/gi))
    values.set((name ?? '').toLowerCase(), quoted ?? bare ?? '');
  const realm = values.get('realm');
  return realm === undefined ? undefined : { kind: 'bearer', realm, service: values.get('service') };
}

export interface IssuedToken {
  readonly token: string;
  readonly seconds: number;
}

/** A token that does not say is good for a minute: the scheme's default. */
const defaultSeconds = 60;
const longestSeconds = 3_600;

/** Undefined where there is none that a header could hold. */
export function parseTokenAnswer(text: string): IssuedToken | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { token, access_token, expires_in } = (answer ?? {}) as Record<string, unknown>;
  const given = typeof token === 'string' ? token : access_token;
  if (typeof given !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(given)) return undefined;
  const seconds =
    typeof expires_in === 'number' && expires_in > 0 ? Math.min(expires_in, longestSeconds) : defaultSeconds;
  return { token: given, seconds };
}
