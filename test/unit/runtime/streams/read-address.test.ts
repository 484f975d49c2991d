import { describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import { readStreamAddress } from '../../../../src/runtime/streams/read-address.ts';

function complaint(address: string): string {
  try {
    readStreamAddress(address);
  } catch (error) {
    if (error instanceof GoshawkError) return `${error.code}: ${error.explain()}`;
    throw error;
  }
  return 'none';
}

describe('An address of --publish', () => {
  it.each([
    [
      'mqtt://localhost/yard/{camera}#rate=5&classes=person,car&minScore=0.5&homeAssistant',
      {
        ...{ rate: 5, classes: ['person', 'car'], minScore: 0.5 },
        mqtt: { url: 'mqtt://localhost', topic: 'yard/{camera}', homeAssistant: true, atLeastOnce: false },
      },
    ],
    [
      'mqtts://ann@broker.example:8883#passwordFile=/etc/a%20b&fields=box,trackId',
      {
        fields: ['box', 'trackId'],
        mqtt: {
          ...{ url: 'mqtts://broker.example:8883', username: 'ann', passwordFile: '/etc/a b' },
          topic: 'goshawk/{device}/{camera}',
        },
      },
    ],
    [
      'https://erp.example/a?b=c#everySeconds=2&secretFile=key',
      { webhook: { url: 'https://erp.example/a?b=c', everySeconds: 2, secretFile: 'key', batch: 100 } },
    ],
    ['ws://127.0.0.1:8765', { websocket: { host: '127.0.0.1', port: 8765, origins: [] } }],
    [
      'ws://[::1]:9#origins=https://a.example',
      { websocket: { host: '::1', port: 9, origins: ['https://a.example'] } },
    ],
    ['a/b.mcap#pictureFps=0', { mcap: { folder: 'a/b.mcap', pictureFps: 0 } }],
  ])('%s stands for settings', (address, settings) => {
    expect(readStreamAddress(address)).toMatchObject(settings);
  });

  it.each([
    ['kafka://host/topic', 'stream-address: "kafka://host/topic" is not an address'],
    ['ross', 'Give ros, or one of mqtt://host/topic/{camera}, https://host/path'],
    ['mqtt://localhost/a#rat=5', 'stream-address: --publish: rat is not an option of this address.'],
    ['mqtt://localhost/a#rate=fast', 'settings-invalid: --publish: rate'],
    ['mqtt://localhost/a#fields=colour', 'settings-invalid: --publish: fields.0'],
    ['mqtt://localhost/a#atLeastOnce=perhaps', 'settings-invalid: --publish: mqtt.atLeastOnce'],
  ])('%s is refused in words', (address, words) => {
    expect(complaint(address)).toContain(words);
  });

  it('with a password is refused, and the password is not said', () => {
    for (const address of ['mqtt://ann:hunter2@localhost/a', 'ftp://ann:hunter2@localhost/a']) {
      expect(complaint(address)).toMatch(/^stream-(password|address)/);
      expect(complaint(address)).not.toContain('hunter2');
    }
  });
});
