import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import { rolesOf } from '../../../../src/runtime/controller/roles.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { settingsReference } from '../../../../src/runtime/settings/reference.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

const small = {
  device: 'd1',
  dataDir: '/var/lib/goshawk',
  broker: { url: 'mqtts://broker.example:8883' },
  cameras: { front: { source: 'sim' } },
};

function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GoshawkError) return `${error.code}: ${error.explain()}`;
    throw error;
  }
  return 'none';
}

describe('Settings', () => {
  it('of an agent name device and broker, or how it enrols', () => {
    const { device: _, broker: __, ...bare } = small;
    const text = complaint(() => checkSettings(AgentSettings, bare, 'agent.json'));
    expect(text).toContain('device: is required where there is no enrolment');
    expect(text).toContain('broker: is required where there is no enrolment');
    const enrolment = { claimFile: '/etc/goshawk/claim.token' };
    expect(complaint(() => checkSettings(AgentSettings, { ...bare, enrolment }, 'agent.json'))).toBe('none');
  });

  it('fills in defaults, also inside of each camera', () => {
    const settings = checkSettings(AgentSettings, small, 'agent.json');
    expect(settings.engine).toBe('auto');
    expect(settings.cameras.front).toEqual({
      ...{ source: 'sim', fps: 30, seed: 1, loop: true, memory: 'host' },
    });
  });

  it('does not change what it was given', () => {
    const given = structuredClone(small);
    checkSettings(AgentSettings, given, 'agent.json');
    expect(given).toEqual(small);
  });

  it.each([
    ['a device id that no topic can carry', { ...small, device: 'a/b' }, 'device'],
    ['a broker without a scheme', { ...small, broker: { url: 'broker' } }, 'broker.url'],
    ['no camera at all', { ...small, cameras: {} }, 'cameras'],
    [
      'a frame rate of zero',
      { ...small, cameras: { front: { source: 'sim', fps: 0 } } },
      'cameras.front.fps',
    ],
    ['a name that is misspelled', { ...small, engin: 'auto' }, 'engin'],
    [
      'a setting of a camera that is misspelled',
      { ...small, cameras: { front: { source: 'sim', settings: { scoreTreshold: 0.5 } } } },
      'cameras.front.settings.scoreTreshold',
    ],
    [
      'one of its drift watch',
      { ...small, cameras: { front: { source: 'sim', settings: { drift: { enbled: false } } } } },
      'cameras.front.settings.drift.enbled',
    ],
    ['an engine that does not exist', { ...small, engine: 'openvino' }, 'engine'],
    ['a list where a record is needed', { ...small, cameras: [] }, 'cameras'],
    ['nothing', undefined, 'the file'],
  ])('names the place of %s', (_what, value, place) => {
    expect(complaint(() => checkSettings(AgentSettings, value, 'agent.json'))).toContain(
      `agent.json: ${place}: `,
    );
  });

  it.each([
    [0, true],
    [7, true],
    [14, true],
    [8, false],
    [13, false],
    [15, false],
    [16, false],
    [23, false],
    [24, false],
  ])('bind a sealed key to register %i: %s, as it stays what it was at the start', (pcr, isTaken) => {
    const enrolment = { claimFile: '/etc/goshawk/claim.token', seal: { with: 'tpm2', pcrs: [pcr] } };
    const told = complaint(() => checkSettings(AgentSettings, { ...small, enrolment }, 'agent.json'));
    if (isTaken) expect(told).toBe('none');
    else
      expect(told).toContain(
        `enrolment.seal.pcrs.0: must be one of 0, 1, 2, 3, 4, 5, 6, 7, 14: found ${pcr}`,
      );
  });

  it('names all mistakes in one message, one line each, with what was found', () => {
    const told = complaint(() =>
      checkSettings(
        AgentSettings,
        {
          ...small,
          threads: 0,
          engine: 'openvino',
          engin: 'auto',
          broker: { url: 'broker', certFile: 'a.crt', password: 'hunter2' },
          cameras: { front: { fps: 5 }, 'front left': { source: 'sim', nonsense: 1 } },
        },
        'agent.json',
      ),
    );
    expect(told).toContain('agent.json: threads: must be at least 1: found 0');
    expect(told).toContain(
      'engine: must be one of auto, onnxruntime-node, onnxruntime, tensorrt: found "openvino"',
    );
    expect(told).toContain('engin: is unknown, did you mean engine?');
    expect(told).toContain('broker.url: must begin with mqtt://');
    expect(told).toContain('broker.keyFile: is required, because certFile is given');
    expect(told).toContain('cameras.front.source: is required');
    expect(told).toContain('cameras.front left: cannot be used as a name');
    expect(told).not.toContain('hunter2');
  });

  it('takes the examples of deploy/systemd as they are', () => {
    expect(checkSettings(AgentSettings, JSON.parse(read('deploy/systemd/agent.json')), 'agent').device).toBe(
      'truck-7',
    );
    expect(
      checkSettings(ControllerSettings, JSON.parse(read('deploy/systemd/controller.json')), 'controller').http
        .port,
    ).toBe(8080);
  });

  it.each(['control', 'api-and-ingest', 'standby-and-ingest'])(
    'takes the example %s of three machines as it is',
    (name) => {
      const example = JSON.parse(read(`deploy/systemd/roles/${name}.json`));
      const settings = checkSettings(ControllerSettings, example, name);
      const roles = rolesOf(settings);
      expect(roles.shared).toBe(true);
      // Each ingest process of the examples has its rights at the broker.
      const control = JSON.parse(read('deploy/systemd/roles/control.json'));
      const named = control.devices.brokerClients.map((client: { name: string }) => client.name);
      if (roles.has('ingest')) expect(named).toContain(settings.ingest.client);
    },
  );

  it('refuses roles that can’t be had together, or without a database to share', () => {
    const base = { dataDir: '/d', broker: { url: 'mqtt://b' } };
    const database = { url: 'postgres://g@db/g' };
    const read = (more: object) => rolesOf(checkSettings(ControllerSettings, { ...base, ...more }, 'test'));
    expect(() => read({ roles: ['ingest'] })).toThrow('SQLite');
    expect(() => read({ roles: ['api', 'control'], database })).toThrow('the API twice');
    expect(read({ database }).shared).toBe(false);
    expect(read({ roles: ['ingest', 'control'], database }).has('control')).toBe(true);
  });

  it('are described in docs/settings.md as the schemas have them', () => {
    expect(read('docs/settings.md')).toBe(settingsReference());
  });
});
