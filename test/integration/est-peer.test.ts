import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/protocol/index.ts';
import { admin, EnrollingController } from '../fixtures/enrolling-controller.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

// EST as another program speaks it: strongSwan's `pki --est`, of Debian's strongswan-pki.

const hasPki =
  spawnSync('pki', ['--est', '--help'], { encoding: 'utf8' }).stdout?.includes('--userpass') === true;
const why = hasPki ? '' : ' (no strongswan-pki with --est here)';

/** Runs a program to its end. */
function run(program: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args);
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function openssl(...args: string[]): Promise<string> {
  const { code, output } = await run('openssl', args);
  if (code !== 0) throw new Error(output);
  return output;
}

async function prepare(served: EnrollingController, name: string, claim: Claim) {
  const folder = temporaryFolder();
  const file = (end: string) => join(folder, end);
  await openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', file('key.pem'));
  const subject = `/CN=${name}/serialNumber=SN 1`;
  await openssl(
    'req',
    '-new',
    '-key',
    file('key.pem'),
    '-subj',
    subject,
    '-outform',
    'der',
    '-out',
    file('csr'),
  );
  const [, root] = served.authority.chain;
  writeFileSync(file('root.der'), root ?? '');
  const [intermediate] = served.authority.chain;
  writeFileSync(file('intermediate.der'), intermediate ?? '');
  const common = [
    '--est',
    '--url',
    served.url,
    '--in',
    file('csr'),
    '--cacert',
    file('root.der'),
    '--outform',
    'pem',
  ];
  return { file, common, user: ['--userpass', `${claim.id}:${claim.secret}`] };
}

describe.skipIf(!hasPki)(`strongSwan's pki --est${why}`, () => {
  it('enrols with a claim, and renews with the certificate that it got', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim();
    const { file, common, user } = await prepare(served, 'localhost-board', claim);
    const enrolled = await run('/bin/sh', ['-c', `pki "$@" > ${file('cert.pem')}`, 'sh', ...common, ...user]);
    expect(enrolled).toMatchObject({ code: 0 });
    const text = await openssl('x509', '-in', file('cert.pem'), '-noout', '-subject', '-issuer');
    expect(text).toContain('CN=localhost-board');

    const renewed = await run('/bin/sh', [
      '-c',
      `pki "$@" > ${file('next.pem')}`,
      'sh',
      ...common,
      ...['--cert', file('cert.pem'), '--key', file('key.pem')],
    ]);
    expect(renewed).toMatchObject({ code: 0 });
    expect(readFileSync(file('next.pem'), 'utf8')).not.toBe(readFileSync(file('cert.pem'), 'utf8'));
    expect(served.controller.enrolment.revocations.list({}).certificates).toHaveLength(2);
  });

  it('waits while a person has not approved it, and is given its certificate then', async () => {
    const served = await EnrollingController.open();
    const { claim } = await served.claim({ rule: 'manual' });
    const { file, common, user } = await prepare(served, 'board-2', claim);
    const asking = run('/bin/sh', [
      '-c',
      `pki "$@" > ${file('cert.pem')}`,
      'sh',
      ...common,
      ...user,
      ...['--interval', '1', '--maxpolltime', '120'],
    ]);
    const { enrolments } = served.controller.enrolment;
    await expect.poll(() => enrolments.list().enrolments, { timeout: 30_000 }).toHaveLength(1);
    await enrolments.approve(admin, enrolments.list().enrolments[0]?.id ?? '');
    expect(await asking).toMatchObject({ code: 0 });
    expect(await openssl('x509', '-in', file('cert.pem'), '-noout', '-subject')).toContain('board-2');
  });

  it('fetches the authorities, and the root among them is the one that a claim names', async () => {
    const served = await EnrollingController.open();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'root.der'), served.authority.chain[1] ?? '');
    const fetched = await run('pki', [
      ...['--estca', '--url', served.url, '--cacert', join(folder, 'root.der')],
      ...['--caout', join(folder, 'ca'), '--outform', 'der', '--force'],
    ]);
    expect(fetched).toMatchObject({ code: 0 });
    const files = readdirSync(folder).filter((name) => name !== 'root.der');
    const hashes = files.map((name) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('base64url'),
    );
    expect(hashes).toContain(served.authority.rootHash);
  });
});
