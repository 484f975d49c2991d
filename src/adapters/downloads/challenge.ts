/** What a registry that wants a token answers with 401 (Docker's token scheme). */
export interface Challenge {
  /** Where the token is got. */
  readonly realm: string;
  readonly service: string | undefined;
  readonly scope: string | undefined;
}

/** Of a WWW-Authenticate header; undefined where it asks for something else than a token. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > 4_000 || !/^bearer /i.test(header)) return undefined;
  const values = new Map<string, string>();
  for (const [, name, quoted, bare] of header.slice(7).matchAll(/([a-z_]+)=(?:"([^"]*)"|([^",\s]+))/gi))
    values.set((name ?? '').toLowerCase(), quoted ?? bare ?? '');
  const realm = values.get('realm');
  if (realm === undefined) return undefined;
  return { realm, service: values.get('service'), scope: values.get('scope') };
}
