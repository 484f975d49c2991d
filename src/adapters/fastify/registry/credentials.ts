import type { FastifyRequest } from 'fastify';

/** What a client shows: a token, as `Bearer` or as the password of `Basic`, which `docker login` and others send. */
export function shownToken(header: string | undefined): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +([A-Za-z0-9+/=]{1,2000})$/i.exec(header ?? '')?.[1];
  if (basic === undefined) return undefined;
  const text = Buffer.from(basic, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

/** The address under which the client reached us, as it wrote it; where a proxy does TLS, `publicUrl` says so. */
export function baseOf(request: FastifyRequest, publicUrl: string | undefined): string {
  const { host } = request;
  if (publicUrl !== undefined && URL.parse(publicUrl)?.host === host) return new URL(publicUrl).origin;
  return `${request.protocol}://${host}`;
}

/** `WWW-Authenticate` of the token scheme. */
export function challenge(base: string, service: string, scope: string | undefined, error?: string): string {
  const fields = [
    `realm="${base}/v2/token"`,
    `service="${service}"`,
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ...(error === undefined ? [] : [`error="${error}"`]),
  ];
  return `Bearer ${fields.join(',')}`;
}
