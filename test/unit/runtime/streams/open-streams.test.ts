import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDeviceStreams } from '../../../../src/runtime/device/streams.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { isLocal } from '../../../../src/runtime/streams/kind.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const device = 'd1';

function open(
  streams: Record<string, unknown>,
  more: Record<string, unknown> = {},
  log = new RecordingLog(),
) {
  const dataDir = temporaryFolder();
  const settings = checkSettings(
    AgentSettings,
    {
      ...{ device, dataDir, broker: { url: 'mqtts://b.example' }, streams },
      ...{ cameras: { front: { source: 'sim' }, rear: { source: 'sim' } }, ...more },
    },
    'agent.json',
  );
  return openDeviceStreams({ ...settings, device } as never, {
    ...{ clock: new FakeClock(), log, agent: () => undefined },
    ...{ budget: { meterResults: (one: never) => one, spend: () => {} }, privacy: {} as never },
  });
}

describe('Streams of a device', () => {
  it('are none by default', async () => {
    const streams = await open({});
    expect(streams.readings()).toEqual([]);
    await streams.close();
  });

  it.each([
    [{ a: {} }, 'stream-kind', 'does not say where it goes'],
    [{ a: { fleet: true, websocket: {} } }, 'stream-kind', 'fleet, websocket'],
    [{ a: { fleet: true, cameras: ['side'] } }, 'stream-camera', 'front, rear'],
    [
      { a: { mqtt: { url: 'mqtt://localhost', topic: 'all', homeAssistant: true } } },
      'stream-topic',
      'Put {camera} into its topic',
    ],
    [{ a: { mqtt: { url: 'mqtt://localhost', topic: 'a/#' } } }, 'stream-topic', 'is not a topic'],
    [
      {
        a: { mqtt: { url: 'mqtt://one', clientId: 'x' } },
        b: { mqtt: { url: 'mqtt://two', clientId: 'x' } },
      },
      'stream-client',
      'The streams a and b have one client id, x.',
    ],
  ])('%j are refused: %s', async (streams, code, words) => {
    const error = await open(streams).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code });
    expect(`${(error as Error).message} ${(error as { remedy: string }).remedy}`).toContain(words);
  });

  it('show the fleet nothing where the settings say that it sees no counts', async () => {
    const more = { statistics: { counts: 'summed' } };
    await expect(open({ a: { fleet: true } }, more)).rejects.toMatchObject({ code: 'stream-withheld' });
    const local = await open({ a: { websocket: { port: 0 } } }, more);
    await local.close();
  });

  it('whose port or disk is taken cost themselves alone, and are told', async () => {
    const log = new RecordingLog();
    const streams = await open(
      { taken: { mcap: { folder: '/etc/passwd/recordings' } }, good: { websocket: { port: 0 } } },
      {},
      log,
    );
    expect(streams.readings().map(({ stream }) => stream)).toEqual(['good']);
    expect(log.at('error')).toMatchObject([[expect.any(String), { stream: 'taken' }]]);
    await streams.close();
  });

  it('that were opened before one that cannot be are closed again', async () => {
    const folder = join(temporaryFolder(), 'recordings');
    await expect(open({ a: { mcap: { folder } }, b: {} })).rejects.toMatchObject({ code: 'stream-kind' });
    expect(existsSync(folder)).toBe(true);
  });
});

describe('What goes to this machine', () => {
  it.each([
    ['mqtt://localhost:1883', true],
    ['https://127.0.0.1/x', true],
    ['mqtt://[::1]', true],
    ['mqtt://127.0.0.1.evil.example', false],
    ['mqtt://10.0.0.5', false],
    ['mqtt://localhost.example', false],
  ])('%s: %s', (url, local) => expect(isLocal(url)).toBe(local));
});
