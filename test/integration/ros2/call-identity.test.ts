import { describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt, loadDds } from '../../../native/index.ts';
import { freeDomain } from './free-domain.ts';

describe('A call over Cyclone DDS', () => {
  const built = ddsBuilt('cyclone');

  it.skipIf(!built)(
    `says who calls, so that a service holds its answer back until it can reach us${built ? '' : ' (skipped: the addon is not built)'}`,
    { timeout: 60_000 },
    async () => {
      const environment = { ...rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, 'cyclone'), domain: freeDomain() };
      const { domain, configuration } = environment;
      const node = DdsNode.open({ environment });
      const observer = new (loadDds('cyclone').DdsParticipant)({ domain, configuration, userData: '' });
      try {
        const calls = [1, 2].map(() => node.call('/nobody', 'std_srvs/srv/Trigger', {}, 30_000));
        void Promise.allSettled(calls);
        const callers = () =>
          observer
            .writersOf('rq/nobodyRequest', 4)
            .map(({ userData }) => /^(clientid=[0-9a-f.]+);typehash=/.exec(userData)?.[1]);
        await vi.waitFor(() => expect(callers()).toHaveLength(2), { timeout: 30_000, interval: 25 });
        expect(new Set(callers()).size).toBe(2);
        for (const caller of callers()) expect(caller?.split('.')).toHaveLength(16);
      } finally {
        observer.close();
        node.close();
      }
    },
  );
});
