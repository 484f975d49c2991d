import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LeaderLabel } from '../../../../src/adapters/kubernetes/index.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { eventually } from '../../../integration/fleet/program.ts';

/** A server of Kubernetes with one pod; refuses as long as `refuses` says. */
async function kubernetes() {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-account-'));
  const [certFile, keyFile] = [join(folder, 'ca.crt'), join(folder, 'key')];
  spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', keyFile, '-out', certFile],
    ...['-subj', '/CN=kubernetes', '-addext', 'subjectAltName=IP:127.0.0.1'],
  ]);
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
  const seen: string[] = [];
  const state = { refuses: 0, label: 'none' };
  const server = createServer({ cert, key }, (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(
        `${request.method} ${request.url} ${request.headers.authorization} ${request.headers['content-type']}`,
      );
      if (state.refuses > 0) {
        state.refuses -= 1;
        response.writeHead(403).end('{"message":"pods is forbidden"}');
        return;
      }
      state.label = JSON.parse(body).metadata.labels['goshawk-leader'];
      response.writeHead(200).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, 'token'), 'abc\n');
  writeFileSync(join(folder, 'namespace'), 'fleet');
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { state, seen, folder, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const openssl = spawnSync('openssl', ['version']).status === 0;
describe.skipIf(!openssl)('The label of the leader (skipped where openssl is not installed)', () => {
  test('the pod has the label while its process leads, also where Kubernetes refuses at first', async () => {
    const { state, seen, folder, url } = await kubernetes();
    state.refuses = 1;
    const log = new RecordingLog();
    const label = new LeaderLabel({ pod: 'control-7', folder, url, log, clock: new SystemClock() });
    label.set(true);
    await eventually('the label is set', () => state.label === 'true');
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(
      'PATCH /api/v1/namespaces/fleet/pods/control-7 Bearer abc application/merge-patch+json',
    );
    expect(JSON.stringify(log.lines)).toContain('403');
    await label.close();
    expect(state.label).toBe('false');
  });

  test('the last word counts, and a server that is away does not hold up the end', async () => {
    const { state, folder, url } = await kubernetes();
    const label = new LeaderLabel({
      pod: 'control-7',
      folder,
      url,
      log: new RecordingLog(),
      clock: new SystemClock(),
    });
    label.set(true);
    label.set(false);
    await eventually('the label is set', () => state.label === 'false');
    await label.close();
    const away = new LeaderLabel({
      ...{ pod: 'control-7', folder, url: 'https://127.0.0.1:1' },
      ...{ log: new RecordingLog(), clock: new SystemClock() },
    });
    away.set(true);
    await away.close();
  });
});
