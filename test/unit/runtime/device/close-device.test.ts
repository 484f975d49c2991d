import { beforeEach, describe, expect, it } from 'vitest';
import { closeDevice, type DeviceParts } from '../../../../src/runtime/device/close-device.ts';

describe('The end of a device', () => {
  let done: string[];
  beforeEach(() => {
    done = [];
  });

  const part = (name: string) => ({ close: async () => void done.push(name) });
  const agent = (listens: boolean): NonNullable<DeviceParts['agent']> => ({
    ...part('agent'),
    deliverEvents: async () => {
      done.push('deliver');
      return listens;
    },
  });
  const parts = (listens: boolean): DeviceParts => ({
    agent: agent(listens),
    detectors: [part('detector')],
    pipeline: part('pipeline'),
    before: [part('metrics'), undefined, part('engines')],
    after: [part('drift'), part('ros')],
  });

  it('waits for the fleet while the cameras still run, and again for what the end had to say', async () => {
    await closeDevice(parts(true));
    expect(done).toEqual(['deliver', 'metrics', 'engines', 'pipeline', 'drift', 'ros', 'deliver', 'agent']);
  });

  it('does not wait without pictures for a fleet that does not listen', async () => {
    await closeDevice(parts(false));
    expect(done).toEqual(['deliver', 'metrics', 'engines', 'pipeline', 'drift', 'ros', 'agent']);
  });

  it('closes what a start that failed half way had opened', async () => {
    await closeDevice({ detectors: [part('detector')], before: [undefined], after: [part('ros')] });
    expect(done).toEqual(['ros', 'detector']);
  });
});
