import { nativeEngines } from '../../../device/native/index.ts';
import { boardFacts } from '../../adapters/system/index.ts';
import type { EngineSupervisor, TrustGate } from '../../agent/index.ts';
import { mainSlot } from '../../perception/index.ts';
import type { DeviceFacts } from '../../trust/index.ts';
import { goshawkVersion } from '../version.ts';
import type { SlotEngines } from './slot-engines.ts';

/** What this device is, for models that are signed for some boards only. */
export async function deviceFacts(): Promise<DeviceFacts> {
  const { name } = await boardFacts('/');
  return { board: name, tensorrt: tensorrtVersion(), agent: goshawkVersion() };
}

/** Asked before an engine is chosen, so that the reason is told as it is. */
export function admittedFirst(
  trust: TrustGate,
  engines: SlotEngines,
  slot: string = mainSlot,
): Pick<EngineSupervisor, 'first'> {
  return {
    first: async (bundle) => {
      const { name, version } = bundle.manifest;
      await trust.expectAdmitted({ name, version, digest: bundle.digest });
      return engines.of(slot).first(bundle);
    },
  };
}

function tensorrtVersion(): string | undefined {
  const found = nativeEngines().find(({ engine, available }) => engine === 'tensorrt' && available);
  return /\d+\.\d+(?:\.\d+)*/.exec(found?.detail ?? '')?.[0];
}
