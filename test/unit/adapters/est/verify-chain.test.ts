import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../../../src/adapters/est/index.ts';
import { initAuthority, issueOwn, openAuthority } from '../../../../src/adapters/x509/index.ts';
import { derOf } from '../../../../src/adapters/x509/library.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const day = 86_400_000;
const bornMs = Date.parse('2026-06-01T00:00:00Z');

async function authority() {
  const folder = temporaryFolder();
  await initAuthority({ folder, name: 'test', nowMs: bornMs });
  return (await openAuthority(folder)).authority;
}

async function server(change: { use?: 'server' | 'client'; hosts?: string[]; days?: number } = {}) {
  const ca = await authority();
  const { cert } = await issueOwn(ca, {
    ...{ use: 'server', name: 'fleet.test', hosts: ['fleet.test', '192.0.2.7', '2001:db8::7'] },
    ...{ nowMs: bornMs, days: 30, ...change },
  });
  return {
    presented: derOf('CERTIFICATE', cert),
    roots: [new X509Certificate(ca.chain[1] ?? new Uint8Array())],
    ca,
  };
}

describe('A server', () => {
  it.each(['fleet.test', '192.0.2.7', '2001:db8::7'])('is trusted as %s by the root', async (host) => {
    const { presented, roots } = await server();
    expect(() => verifyChain({ presented, roots, host, nowMs: bornMs + day })).not.toThrow();
  });

  it('is trusted by a board that believes in 1970, and by one whose clock is a year behind', async () => {
    const { presented, roots } = await server();
    for (const nowMs of [0, bornMs - 365 * day])
      expect(() => verifyChain({ presented, roots, host: 'fleet.test', nowMs })).not.toThrow();
  });

  it('is refused when its certificate has ended, by the clock of the board', async () => {
    const { presented, roots } = await server();
    const check = () => verifyChain({ presented, roots, host: 'fleet.test', nowMs: bornMs + 31 * day });
    expect(check).toThrow('has ended');
  });

  it('is refused under another name, by another root, without the intermediate, and as a client', async () => {
    const { presented, roots } = await server();
    const other = await server();
    const client = await server({ use: 'client' });
    const nowMs = bornMs + day;
    const refused = [
      { presented, roots, host: 'other.test' },
      { presented, roots, host: '192.0.2.8' },
      { presented, roots: other.roots, host: 'fleet.test' },
      { presented: presented.slice(0, 1), roots, host: 'fleet.test' },
      { presented: [], roots, host: 'fleet.test' },
      { presented: client.presented, roots: client.roots, host: 'fleet.test' },
      // The authority itself is no server, whatever it signs.
      { presented: presented.slice(1), roots, host: 'fleet.test' },
    ];
    for (const one of refused)
      expect(() => verifyChain({ ...one, nowMs })).toThrow('not the one that the claim is for');
  });

  it('is refused with a chain through a certificate that may not sign', async () => {
    const { presented, roots, ca } = await server();
    const device = derOf(
      'CERTIFICATE',
      (await issueOwn(ca, { use: 'server', name: 'x', hosts: ['x'], nowMs: bornMs, days: 30 })).cert,
    );
    const mixed = [presented[0]!, device[0]!];
    expect(() => verifyChain({ presented: mixed, roots, host: 'fleet.test', nowMs: bornMs + day })).toThrow(
      'not signed',
    );
  });
});
