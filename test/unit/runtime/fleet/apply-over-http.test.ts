import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyFleetFile } from '../../../../src/runtime/fleet/apply.ts';
import { FleetClient } from '../../../../src/runtime/fleet/client.ts';
import { Served } from '../../adapters/fastify/serve.ts';

const file = 'rollouts: { to-2: { model: { name: street }, target: { all: true } } }';

describe('A file that is applied over HTTP', () => {
  let served: Served;
  beforeEach(async () => {
    served = await Served.open();
  });
  afterEach(() => served.close());

  it.each([true, false])('may name a rollout that the controller never had (dry run: %s)', async (dryRun) => {
    const path = join(served.folder, 'fleet.yaml');
    writeFileSync(path, file);
    const client = new FleetClient({ url: served.url, token: served.tokens.operator });
    // It comes as far as the controller saying that the fleet has no such model.
    const applied = applyFleetFile(client, path, dryRun);
    await expect(applied).rejects.toMatchObject({ code: 'version-unknown' });
  });
});
