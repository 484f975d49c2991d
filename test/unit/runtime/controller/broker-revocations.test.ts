import { expect, it } from 'vitest';
import type { LocalAuthority } from '../../../../src/adapters/x509/index.ts';
import { BrokerRevocations } from '../../../../src/runtime/controller/broker-revocations.ts';
import { outsideRevocations } from '../../../../src/runtime/controller/outside-authority.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

it('A broker that is reached without TLS ends no connection for a certificate, and that is said', async () => {
  const revocations = new BrokerRevocations({
    ...{ clock: new FakeClock(), log: new RecordingLog(), folder: '/nowhere' },
    ...{ authority: {} as LocalAuthority, broker: { url: 'mqtt://127.0.0.1:1' } },
  });
  expect(await revocations.disconnect('truck-7')).toBe('elsewhere');
});

it('A certificate of an outside authority is taken out of the broker there, and that is said', async () => {
  expect(await outsideRevocations.disconnect('truck-7')).toBe('elsewhere');
});
