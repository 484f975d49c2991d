import { expect, it } from 'vitest';
import { AdmittedEngines } from '../../../../src/agent/index.ts';
import { RefusedError } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import { FakeEnginePlatform } from '../../../fakes/fake-engine-platform.ts';
import { tinyBundle } from '../../../fixtures/tiny-bundle.ts';

class AskedPlatform extends FakeEnginePlatform {
  readonly asked: unknown[] = [];

  override planStatus(bundle: Bundle, variant?: string) {
    this.asked.push(variant);
    return super.planStatus(bundle);
  }
}

it('Only engines of admitted models open, and they get the requested variant', async () => {
  const platform = new AskedPlatform();
  let admitted = true;
  const engines = new AdmittedEngines(platform, {
    expectAdmitted: async () => {
      if (!admitted) throw new RefusedError('not-admitted', 'It was not admitted.', 'Sign it.');
    },
  });
  await engines.planStatus(tinyBundle(), 'fp16');
  await engines.planStatus(tinyBundle());
  expect(platform.asked).toEqual(['fp16', undefined]);
  await engines.open('onnxruntime', tinyBundle(), { variant: 'fp32' });
  expect(platform.variants).toEqual(['fp32']);
  admitted = false;
  await expect(engines.open('onnxruntime', tinyBundle(), { variant: 'fp32' })).rejects.toMatchObject({
    code: 'not-admitted',
  });
  expect(platform.opened).toHaveLength(1);
});
