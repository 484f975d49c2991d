import { describe, expect, it } from 'vitest';
import { boardSettings, iwdFile, iwdFileName, wirelessComplaint } from '../../../src/image/index.ts';

const deviceId = 'goshawk-0123456789ab';
const packaged = {
  device: '@DEVICE@',
  broker: { url: 'mqtt://127.0.0.1:1883' },
  cameras: { street: { source: 'sim' } },
};

describe('The settings of a board', () => {
  it('name it by its own id where the image names none', () => {
    expect(boardSettings({ settings: packaged, deviceId })).toEqual({
      ...packaged,
      device: deviceId,
      dataDir: '/var/lib/goshawk-agent',
      prometheus: { host: '127.0.0.1', port: 9464 },
    });
  });

  it('name the roots that came with the image, whatever the settings say', () => {
    const settings = { ...packaged, trust: { rootFile: '/other', mode: 'required' } };
    expect(boardSettings({ settings, deviceId, rootFile: '/root.json' })).toMatchObject({
      trust: { rootFile: '/root.json', mode: 'required' },
    });
    expect(boardSettings({ settings: packaged, deviceId })).not.toHaveProperty('trust');
  });

  it('keep a name that the image gives', () => {
    expect(boardSettings({ settings: { ...packaged, device: 'truck-7' }, deviceId })).toMatchObject({
      device: 'truck-7',
    });
  });

  it('have no name before it has enrolled', () => {
    const settings = boardSettings({ settings: packaged, deviceId, claimFile: '/claim' });
    expect(settings).not.toHaveProperty('device');
    expect(settings).toMatchObject({ enrolment: { claimFile: '/claim' } });
  });

  it('leave the broker to the enrolment, where nobody wrote one down', () => {
    const own = { settings: packaged, deviceId, claimFile: '/claim' };
    expect(boardSettings({ ...own, packaged: true })).not.toHaveProperty('broker');
    expect(boardSettings(own)).toMatchObject({ broker: packaged.broker });
    expect(boardSettings({ settings: packaged, deviceId, packaged: true })).toMatchObject({
      broker: packaged.broker,
    });
  });

  it('take the image’s enrolment, model and metrics before what is made up', () => {
    const settings = { ...packaged, enrolment: { url: 'https://fleet.example' }, prometheus: { port: 1 } };
    expect(boardSettings({ settings, deviceId, claimFile: '/claim', model: '/model' })).toMatchObject({
      enrolment: { url: 'https://fleet.example' },
      prometheus: { port: 1 },
      model: '/model',
    });
  });

  it('keep state on the data partition, whatever the image says', () => {
    expect(boardSettings({ settings: { ...packaged, dataDir: '/srv' }, deviceId })).toMatchObject({
      dataDir: '/var/lib/goshawk-agent',
    });
  });
});

describe('A wireless network', () => {
  it('has the file that iwd reads', () => {
    expect(iwdFileName({ name: 'Hall 3_b-2', passphrase: 'x' })).toBe('Hall 3_b-2.psk');
    expect(iwdFileName({ name: 'Café/1', passphrase: 'x' })).toBe('=436166c3a92f31.psk');
    expect(iwdFileName({ name: 'guests' })).toBe('guests.open');
    expect(iwdFile({ name: 'n', passphrase: 'correct horse' })).toContain(
      '[Security]\nPassphrase=correct horse\n',
    );
    expect(iwdFile({ name: 'n' })).not.toContain('Security');
  });

  it.each([
    ['', 'long enough'],
    ['n'.repeat(33), 'long enough'],
    ['n', 'short'],
    ['n', 'p'.repeat(64)],
    ['n', 'with\nanother line'],
  ])('%j with the password %j is refused', (name, passphrase) => {
    expect(wirelessComplaint({ name, passphrase })).toBeDefined();
  });

  it('with a good password is taken', () => {
    expect(wirelessComplaint({ name: 'Café', passphrase: 'correct horse' })).toBeUndefined();
    expect(wirelessComplaint({ name: 'guests' })).toBeUndefined();
  });
});
