import { Value } from '@sinclair/typebox/value';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defined, InputError, RefusedError } from '../../base/index.ts';
import type { Asked } from '../../controller/index.ts';
import { BoardFacts, factsHeader, maxFactsBytes, maxRequestBytes } from '../../protocol/index.ts';

/* The words of EST over HTTP. https://www.rfc-editor.org/rfc/rfc7030 */

/** Certificates as base64 of PKCS#7, in lines (RFC 7030, 4.1.3 and 4.2.3). */
export function certsOnlyReply(reply: FastifyReply, pkcs7: Uint8Array): FastifyReply {
  const base64 =
    Buffer.from(pkcs7)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return reply
    .code(200)
    .type('application/pkcs7-mime; smime-type=certs-only')
    .header('content-transfer-encoding', 'base64')
    .send(`${base64.join('\n')}\n`);
}

/** Id and secret of the claim, as HTTP Basic (RFC 7617). */
export function claimFrom(header: string | undefined): { readonly id: string; readonly secret: string } {
  const [, base64] = /^Basic +([A-Za-z0-9+/=]{1,1024})$/i.exec(header ?? '') ?? [];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(base64 ?? '', 'base64').toString('utf8')) ?? [];
  if (id === undefined || secret === undefined)
    throw new RefusedError(
      'claim-refused',
      'The request carries no claim.',
      'Send it as HTTP Basic: the id of the claim as user, its secret as password.',
    );
  return { id, secret };
}

/** The request for a certificate, and what the board says of itself. */
export function askedFrom(request: FastifyRequest): Asked {
  const facts = factsFrom(request.headers[factsHeader]);
  return {
    csr: csrFrom(request.body),
    address: request.ip,
    ...defined({ facts }),
  };
}

function csrFrom(body: unknown): Uint8Array {
  const text = typeof body === 'string' ? body.replace(/\s+/g, '') : '';
  if (text === '' || text.length > maxRequestBytes || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw new InputError(
      'request-unreadable',
      'The body is not base64.',
      'Send PKCS#10 as base64 of DER (RFC 7030, 4.2.1).',
    );
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function factsFrom(header: string | string[] | undefined): BoardFacts | undefined {
  if (header === undefined) return undefined;
  try {
    const text = String(header);
    if (text.length > maxFactsBytes) throw new RangeError('too long');
    const facts: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    if (Value.Check(BoardFacts, facts)) return facts;
  } catch {
    // Told below, without what was sent.
  }
  throw new InputError(
    'facts-invalid',
    'The facts of the board are invalid.',
    'Leave the header out, or use the agent of this version.',
  );
}
