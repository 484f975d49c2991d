import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditList } from '../../../src/api/index.ts';
import type { LogLine } from '../../../src/protocol/index.ts';
import { jsonLines } from '../goshawk.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { bundleIn } from './models.ts';
import { eventually, type Program } from './program.ts';

// Most of it is waiting for processes to start, on machines that may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const [kind] = brokerKinds.filter(({ missing }) => missing === undefined);

/** No part of these may leave the device. */
const planted = ['Blue-Heron-4711', 'Grey-Goose-0815'];

describe.skipIf(kind === undefined)('Commands on the agent of a device', () => {
  let fleet: TestFleet;
  let agent: Program;
  const settings = () => ({
    remote: { restart: true },
    cameras: {
      front: { source: join(fleet.folder, 'pictures'), fps: 8 },
      yard: { source: `rtsp://admin:${planted[0]}@127.0.0.1:9/stream?token=${planted[1]}` },
      gate: {
        source: 'rtsp://127.0.0.1:9/other',
        username: 'admin',
        passwordFile: join(fleet.folder, 'gate.password'),
      },
    },
  });
  const as = async (role: 'viewer' | 'operator') => {
    const { token } = await fleet.client.call('POST /tokens', { body: { name: role, role } });
    return (method: string, path: string) =>
      fetch(`${fleet.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  };
  const start = () => fleet.startAgent({ device: 'cam-1', settings: settings() });

  beforeAll(async () => {
    fleet = await TestFleet.open(kind!);
    writeFileSync(join(fleet.folder, 'gate.password'), `${planted[1]}\n`, { mode: 0o600 });
    await fleet.broker.start();
    await fleet.startController();
    agent = await start();
    await fleet.online('cam-1');
  });
  afterAll(() => fleet.close());

  it('show its log, from the last lines on, without a secret', async () => {
    await eventually('the camera that is not there was told', async () => {
      const ran = await fleet.command('device', 'logs', 'cam-1');
      expect(ran.code).toBe(0);
      for (const secret of planted) expect(ran.stdout).not.toContain(secret);
      return jsonLines(ran.stdout).some((line) => JSON.stringify(line).includes('yard'));
    });
    const all = await fleet.client.call('GET /devices/:id/logs', { params: { id: 'cam-1' } });
    const numbers = all.lines.map(({ number }) => number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const after = numbers[0]!;
    const later = await fleet.client.call('GET /devices/:id/logs', {
      params: { id: 'cam-1' },
      query: { after, level: 'warn' },
    });
    expect(later.lines.every((line: LogLine) => line.number > after && line.level !== 'info')).toBe(true);
    expect(later.lost).toBe(0);
  });

  it('give a support bundle with every part, and no planted secret in any of them', async () => {
    const file = join(fleet.folder, 'support.tar.gz');
    const ran = await fleet.command('device', 'bundle', 'cam-1', '--out', file);
    expect(ran.stderr).not.toContain('Error');
    expect(ran.code).toBe(0);
    const list = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n');
    expect(list.sort()).toEqual(
      ['doctor', 'events', 'report', 'selftest', 'settings', 'versions']
        .map((name) => `cam-1/${name}.json`)
        .concat('cam-1/log.jsonl')
        .sort(),
    );
    const text = execFileSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 1 << 26 });
    for (const secret of [...planted, fleet.adminToken.split('_')[2]!]) expect(text).not.toContain(secret);
    const deviceToken = readFileSync(join(fleet.folder, 'device.token'), 'utf8');
    expect(text).not.toContain(deviceToken.split('_')[2]!);
    const doctor = execFileSync('tar', ['-xzOf', file, 'cam-1/doctor.json'], { encoding: 'utf8' });
    expect(JSON.parse(doctor)).toMatchObject({ ok: true });
    // Nobody floods the device: one is made in half a minute.
    const again = await fleet.command('device', 'bundle', 'cam-1', '--out', file);
    expect(again.stderr).toContain('a moment ago');
  });

  it('say of a device what its disk has left, and what may be done with it', async () => {
    const answer = await fleet.client.call('POST /devices/:id/describe', { params: { id: 'cam-1' } });
    expect(answer).toMatchObject({
      disk: { freeBytes: expect.any(Number), sizeBytes: expect.any(Number) },
      remote: { restart: true, reboot: expect.stringContaining('do not allow'), logs: true, bundle: true },
    });
  });

  it('are for operators, and the restart of a board for admins, where the device allows it', async () => {
    const viewer = await as('viewer');
    const operator = await as('operator');
    for (const [method, path] of [
      ['POST', '/devices/cam-1/restart'],
      ['POST', '/devices/cam-1/reboot'],
      ['GET', '/devices/cam-1/logs'],
      ['GET', '/devices/cam-1/bundle'],
    ] as const)
      expect((await viewer(method, path)).status, path).toBe(403);
    expect((await operator('POST', '/devices/cam-1/reboot')).status).toBe(403);
    const refused = await fleet.command('device', 'restart', 'cam-1', '--board', '--yes');
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('remote.rebootProgram');
    expect(agent.alive).toBe(true);
  });

  it('restart the agent, which answers first, ends with status 75 and resumes with its orders', async () => {
    const before = (await fleet.device('cam-1')).birth!.session;
    const folder = await bundleIn(fleet.folder, '2.0.0');
    await fleet.push(folder.location);
    await eventually('the restart is allowed again after the start', async () => {
      const ran = await fleet.command('device', 'restart', 'cam-1', '--yes');
      return ran.code === 0;
    });
    // Ordered while it goes down: it waits for the next start.
    await fleet.command('model', 'deploy', 'tiny@2.0.0', '--device', 'cam-1');
    await eventually('the agent ended', () => !agent.alive);
    expect((await agent.end()).code).toBe(75);
    await eventually('it is offline', async () => !(await fleet.device('cam-1')).summary.online);
    for (const args of [['logs'], ['restart', '--yes']] as const) {
      const ran = await fleet.command('device', args[0], 'cam-1', ...args.slice(1));
      expect(ran.stderr, args[0]).toContain('offline');
      expect(ran.code).toBe(4);
    }
    agent = await start();
    await fleet.online('cam-1');
    expect((await fleet.device('cam-1')).birth!.session).toBe(before + 1);
    await eventually('what was ordered meanwhile runs', async () => {
      const { reported } = await fleet.device('cam-1');
      return reported?.slots?.main?.loaded?.version === '2.0.0';
    });
    await eventually('the log of the run before is there', async () => {
      const { lines } = await fleet.client.call('GET /devices/:id/logs', {
        params: { id: 'cam-1' },
        query: { sinceMs: 0, limit: 200 },
      });
      return lines.filter(({ message }) => message === 'The agent has started').length === 2;
    });
    const events = await fleet.events('cam-1');
    expect(events.map(({ kind: name }) => name)).toContain('agent.restarting');
  });

  it('stand in the audit log with who gave them', async () => {
    const { entries }: AuditList = await fleet.client.call('GET /audit', { query: { limit: 200 } });
    const actions = entries.filter(({ target }) => target === 'cam-1').map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['device.restart', 'device.reboot', 'device.logs', 'device.bundle']),
    );
    const denied = entries.filter(({ result }) => result === 'forbidden').map(({ target }) => target);
    expect(denied).toContain('/api/v1/devices/cam-1/restart');
    expect(JSON.stringify(entries)).not.toContain(planted[0]);
  });
});
