import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { readAgentSettings } from '../../../../src/runtime/settings/agent-file.ts';
import { checkSettingsFile } from '../../../../src/runtime/settings/check-file.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';

describe('A check of a settings file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(settings: object): string {
    const file = join(folder, 'agent.json');
    writeFileSync(file, JSON.stringify(settings));
    return file;
  }

  it('accepts what is right, and makes nothing', async () => {
    writeFileSync(join(folder, 'ca.crt'), (await (await fleetIdentities())('d1')).ca);
    const file = write({
      $schema: './agent.schema.json',
      device: 'd1',
      dataDir: join(folder, 'data/agent'),
      broker: { url: 'mqtts://b:8883', caFile: join(folder, 'ca.crt') },
      cameras: { front: { source: 'sim' } },
    });
    await checkSettingsFile(AgentSettings, file, {});
    expect(readdirSync(folder).sort()).toEqual(['agent.json', 'ca.crt']);
  });

  it('and a start refuse two published cameras that are one name in ROS 2', async () => {
    const cameras = (publish?: 'ros') => ({
      'front-left': { source: 'sim', publish: 'ros' },
      front_left: { source: 'sim', publish },
      rear: { source: 'sim', publish: 'ros' },
    });
    const settings = { device: 'd1', dataDir: folder, broker: { url: 'mqtts://b:8883' } };
    const file = write({ ...settings, cameras: cameras('ros') });
    for (const read of [() => checkSettingsFile(AgentSettings, file, {}), () => readAgentSettings(file, {})])
      await expect(read()).rejects.toMatchObject({
        code: 'settings-invalid',
        message: expect.stringMatching(
          /cameras\.front_left: would be front_left in ROS 2, as front-left is; rename one$/,
        ),
      });
    const fine = write({ ...settings, cameras: cameras() });
    expect(Object.keys((await readAgentSettings(fine, {})).cameras)).toHaveLength(3);
    await checkSettingsFile(AgentSettings, fine, {});
  });

  it('refuses classes that the model does not have, as `goshawk run` does', async () => {
    const front = (classes: string[]) => ({ front: { source: 'sim', settings: { classes } } });
    const broker = { url: 'mqtts://b:8883' };
    const settings = { device: 'd1', dataDir: folder, broker, model: resolve('models/street') };
    const wrong = write({ ...settings, cameras: front(['car', 'pedestrain']) });
    await expect(checkSettingsFile(AgentSettings, wrong, {})).rejects.toMatchObject({
      message: expect.stringMatching(
        /cameras\.front\.settings\.classes: .* no class "pedestrain".*pedestrian/,
      ),
    });
    await checkSettingsFile(AgentSettings, write({ ...settings, cameras: front(['car']) }), {});
  });

  it('accepts the shortest file that works: three lines', async () => {
    const text = [
      `dataDir: ${join(folder, 'data')}`,
      `enrolment: {claimFile: ${join(folder, 'claim.token')}}`,
      'cameras: {front: {source: sim}}',
    ].join('\n');
    writeFileSync(join(folder, 'short.yaml'), text);
    await checkSettingsFile(AgentSettings, join(folder, 'short.yaml'), {});
  });

  it('names the variables that are missing, broken or unknown without a file', async () => {
    const check = (env: Record<string, string>) => checkSettingsFile(AgentSettings, undefined, env);
    await expect(check({ GOSHAWK_CAMERAS: '{"a": {"source": "sim"}' })).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringMatching(/^GOSHAWK_CAMERAS is not valid JSON: .* at character 24 of 23/),
    });
    await expect(check({ GOSHAWK_CAMERAS_FRONT_SOURCE: 'sim' })).rejects.toMatchObject({
      message: expect.stringMatching(
        /dataDir: is required \(set GOSHAWK_DATA_DIR\)[\s\S]*Unknown variable GOSHAWK_CAMERAS_FRONT_SOURCE \(ignored\): .* give GOSHAWK_CAMERAS as JSON/,
      ),
    });
  });

  it('and a start refuse zones that are none', async () => {
    const zones = {
      gate: {
        points: [
          [0.1, 0.1],
          [0.9, 0.1],
        ],
      },
    };
    const cameras = { front: { source: 'sim', settings: { rules: { zones } } } };
    const file = write({ device: 'd1', dataDir: folder, broker: { url: 'mqtts://b:8883' }, cameras });
    for (const read of [() => checkSettingsFile(AgentSettings, file, {}), () => readAgentSettings(file, {})])
      await expect(read()).rejects.toMatchObject({
        code: 'settings-invalid',
        message: expect.stringMatching(
          /cameras\.front\.settings\.rules: The zone "gate" has 2 points; a polygon has 3 to 64\. Name its corners/,
        ),
      });
  });

  it('and a start take `model` for the model of the slot main', async () => {
    const settings = { device: 'd1', dataDir: folder, broker: { url: 'mqtts://b:8883' } };
    const file = write({
      ...settings,
      model: '/street',
      models: { faces: '/faces' },
      cameras: { front: { source: 'sim' } },
    });
    const read = await readAgentSettings(file, {});
    expect(read.models).toEqual({ main: '/street', faces: '/faces' });
    expect(read).not.toHaveProperty('model');
  });

  it('names mistakes of the settings, of the environment and of the named files at once', async () => {
    mkdirSync(join(folder, 'model'));
    writeFileSync(join(folder, 'ca.crt'), 'no certificate');
    const file = write({
      device: 'd1',
      dataDir: join(folder, 'ca.crt'),
      model: join(folder, 'model'),
      broker: { url: 'mqtts://b:8883', caFile: join(folder, 'ca.crt'), passwordFile: join(folder, 'gone') },
      cameras: { front: { source: join(folder, 'no-pictures') }, back: { source: 'sim', fps: 0 } },
    });
    const error = await checkSettingsFile(AgentSettings, file, { GOSHAWK_THREADS: 'many' }).catch((e) => e);
    expect(error.code).toBe('settings-invalid');
    for (const part of [
      'cameras.back.fps: ',
      'threads: must be integer: found "many" (from GOSHAWK_THREADS)',
      'dataDir: is not a folder',
      'is not a model bundle',
      'broker.caFile: is not a PEM file',
      'broker.passwordFile: is not there',
      'cameras.front.source: is not there',
    ]) {
      expect(error.message).toContain(part);
    }
  });
});
