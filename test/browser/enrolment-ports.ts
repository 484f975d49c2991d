import { join } from 'node:path';
import { initAuthority, openAuthority } from '../../src/adapters/x509/index.ts';
import type { FleetControllerPorts } from '../../src/controller/index.ts';
import { offerSignerOf } from '../../src/runtime/controller/offer-signer.ts';

const dayMs = 86_400_000;

/** What lets a controller give certificates to devices, with an authority that is made in the folder. */
export async function enrolmentPorts(folder: string): Promise<Pick<FleetControllerPorts, 'enrolment'>> {
  await initAuthority({ folder: join(folder, 'ca'), name: 'test', nowMs: Date.now() });
  const { authority } = await openAuthority(join(folder, 'ca'));
  return {
    enrolment: {
      ...{ authority, host: () => 'fleet.example:8443', offerSigner: offerSignerOf(authority) },
      terms: { certificateMs: 90 * dayMs, lateMs: 60 * dayMs, askAgainSeconds: 1 },
      broker: { url: 'mqtts://broker.test:8883' },
      target: { publish: async () => {}, disconnect: async () => 'ended' as const },
    },
  };
}
