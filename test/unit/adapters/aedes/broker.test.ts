import { afterEach, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../../../src/adapters/aedes/index.ts';

describe('The built-in broker', () => {
  let broker: Broker | undefined;
  afterEach(async () => {
    await broker?.close();
    broker = undefined;
  });

  it('does not listen to the network without asking who connects', async () => {
    await expect(startBroker({ port: 0, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'broker-open' });
  });

  it('takes a free port and tells its address', async () => {
    broker = await startBroker({ port: 0 });
    expect(broker.port).toBeGreaterThan(0);
    expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
  });

  it('names a port that is taken', async () => {
    broker = await startBroker({ port: 0 });
    await expect(startBroker({ port: broker.port })).rejects.toMatchObject({
      code: 'address-taken',
      message: expect.stringContaining('Another program'),
    });
  });
});
