import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RefusedError } from '../../../../src/base/index.ts';
import type { DesiredSlot } from '../../../../src/protocol/index.ts';
import { modelOf } from '../../../fakes/fake-device.ts';
import { DeploymentUnderTest } from '../deployment/deployment-under-test.ts';

const bad = modelOf('f');

/** What happens to a device: a desired state, a power cut, or some time. */
const slot = fc.record({
  letter: fc.constantFrom('b', 'c', 'd', 'f'),
  role: fc.constantFrom('serve' as const, 'shadow' as const),
});
const desire = fc.record({
  kind: fc.constant('desire' as const),
  slots: fc.dictionary(fc.constantFrom('plate', 'face', 'sign'), slot, { maxKeys: 3 }),
});
const step = fc.oneof(
  { weight: 4, arbitrary: desire },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('run' as const), seconds: fc.integer({ min: 0, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'cut' as const }) },
);

it('Whatever is desired and whenever the power fails, slots end as desired or say why, and main is never touched', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const under = new DeploymentUnderTest();
      under.device.onCheck = async ({ digest }) => {
        if (digest === bad.digest) throw new RefusedError('golden-parity', 'It sees nothing.', 'Look at it.');
      };
      await under.start();
      let generation = 0;
      let cuts = 0;
      let wanted: Record<string, DesiredSlot> = {};
      for (const one of steps) {
        if (one.kind === 'desire') {
          generation += 1;
          wanted = Object.fromEntries(
            Object.entries(one.slots).map(([name, { letter, role }]) => [
              name,
              { model: { ...modelOf(letter), order: `${name}-${letter}` }, role },
            ]),
          );
          under.device.order({ generation, timeMs: 0, slots: wanted });
        } else if (one.kind === 'run') await under.run(one.seconds);
        else {
          cuts += 1;
          under.device.kill();
          await under.start();
        }
        expect(under.device.pipeline.identity.digest).toBe(modelOf('a').digest);
      }
      // Three slots at most, each with a deployment and one that rolls back before it.
      await under.run(250);
      const last = under.last()!;
      expect(last.generation).toBe(generation);
      const { main, ...slots } = last.slots!;
      expect(main?.loaded?.digest).toBe(modelOf('a').digest);
      expect(new Set(Object.keys(slots))).toEqual(new Set(Object.keys(wanted)));
      for (const [name, { model, role }] of Object.entries(wanted)) {
        const { deployment, loaded } = slots[name]!;
        expect(slots[name]?.role).toBe(role);
        if (model.digest === bad.digest) {
          expect(deployment).toMatchObject({ state: 'failed', reason: expect.stringMatching(/.{20}/) });
          expect(loaded?.digest).not.toBe(bad.digest);
        } else if (deployment.state === 'failed') {
          // A model under which the agent ended twice is held responsible, and its digest is kept out.
          expect(cuts).toBeGreaterThanOrEqual(2);
          expect(deployment.reason).toMatch(/held responsible/);
          expect(loaded?.digest).not.toBe(model.digest);
        } else {
          expect(deployment).toMatchObject({ state: 'committed', digest: model.digest });
          expect(loaded?.digest).toBe(model.digest);
        }
      }
      // What runs is what is reported, and only what serves is open.
      const running = [...under.device.pipeline.slots].map(([name, { identity }]) => [name, identity.digest]);
      expect(new Map(running as [string, string][])).toEqual(
        new Map(
          Object.entries(slots).flatMap(([name, { loaded }]) =>
            loaded === undefined ? [] : [[name, loaded.digest]],
          ),
        ),
      );
      under.device.kill();
    }),
    { numRuns: 25, seed: 15 },
  );
});
