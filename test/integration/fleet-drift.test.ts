import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alarmedDevice } from '../unit/adapters/fastify/alarmed-device.ts';
import { Served, until } from '../unit/adapters/fastify/serve.ts';
import { goshawk, jsonLines } from './goshawk.ts';

let served: Served;
beforeAll(async () => {
  served = await Served.open();
  await alarmedDevice(served, 'event-0001');
  await served.json('POST', '/alert-rules', 'admin', {
    name: 'blind',
    when: { kind: 'drift', verdicts: ['sensor-fault'] },
    forSeconds: 0,
  });
  await until(() => served.store.alertRows.size === 1);
});
afterAll(() => served.close());

const fleet = (...args: readonly string[]) =>
  goshawk(...args, '--url', served.url, '--token', served.tokens.operator);

describe('Commands about drift and alerts', () => {
  it('lists cameras with what is wrong and whose alarm it is, in words and as JSON', async () => {
    const words = await fleet('drift', 'list');
    expect(words).toMatchObject({ code: 0, stderr: '' });
    expect(words.stdout).toContain(
      '1 camera: 1 watching, 0 learning, 0 without a profile of their model, 0 off; 1 alarmed, 1 believed; 0 with a notice',
    );
    expect(words.stdout).toMatch(
      /cam-1\/front +watching +- +sensor fault: frozen +alarm +- +yes +this camera/,
    );
    const [value] = jsonLines((await fleet('drift', 'list', '--alarmed', '--json')).stdout);
    expect(value).toMatchObject({
      alarmed: 1,
      rows: [{ device: 'cam-1', incident: { message: 'sensor fault: frozen' } }],
    });
  });

  it('tells one device, and the history', async () => {
    const device = await fleet('drift', 'show', 'cam-1');
    expect(device.stdout).toContain('cam-1/front: watching');
    expect(device.stdout).toMatch(/sensor fault: frozen, \d+ d ago, alarm, believed, this camera/);
    const wide = await fleet('drift', 'show', 'cam-1', '-o', 'wide');
    expect(wide.stdout).toContain('sensor fault: frozen, 2026-09-21T14:13:15Z, alarm, believed, this camera');
    const history = await fleet('drift', 'history');
    expect(history.stdout).toMatch(/lasts +cam-1\/front +sensor fault: frozen +alarm +yes/);
  });

  it('lists alerts and rules, and acknowledges', async () => {
    const alerts = await fleet('alert', 'list', '--json');
    const [value] = jsonLines(alerts.stdout) as [{ alerts: { id: string; summary: string }[] }];
    expect(value.alerts).toMatchObject([{ summary: 'cam-1/front: sensor fault: frozen', state: 'firing' }]);
    const done = await fleet('alert', 'acknowledge', value.alerts[0]?.id ?? '');
    expect(done.stdout).toBe('cam-1/front: sensor fault: frozen: acknowledged.\n');
    expect((await fleet('alert', 'list')).stdout).toContain('seen by the operator');
    expect((await fleet('alert', 'rules')).stdout).toMatch(/blind +sensor fault +0 s +the fleet +warning +-/);
  });

  it('shows health and alerts of every device, and everything about one', async () => {
    expect((await fleet('device', 'list')).stdout).toMatch(/device +health +alerts/);
    const words = (await fleet('device', 'show', 'cam-1')).stdout;
    for (const title of ['Active alerts', 'Cameras', 'Latest events', 'Answer of the device'])
      expect(words).toContain(title);
    expect(words).toContain('blind: cam-1/front: sensor fault: frozen');
    const [value] = jsonLines((await fleet('device', 'show', 'cam-1', '--json')).stdout);
    expect(value).toMatchObject({
      detail: { summary: { id: 'cam-1', health: { problems: expect.any(Array) } } },
      alerts: [{ ruleName: 'blind', device: 'cam-1' }],
      drift: { device: 'cam-1' },
    });
    expect((await fleet('device', 'show', 'none')).code).not.toBe(0);
  });

  it('says what is wrong in the words of the controller', async () => {
    const failed = await fleet('alert', 'acknowledge', 'none');
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toContain('No alert none is firing.');
  });
});
