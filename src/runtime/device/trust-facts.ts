import { nativeEngines } from '../../../device/native/index.ts';
import { boardFacts } from '../../adapters/system/index.ts';
import {
  type AgentStateStorage,
  type BundleName,
  type EngineSupervisor,
  lastCommitted,
  type TrustGate,
} from '../../agent/index.ts';
import type { Bundle } from '../../model/index.ts';
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
      await trust.expectAdmitted(bundleName(bundle));
      return engines.of(slot).first(bundle);
    },
  };
}

export function bundleName({ manifest: { name, version }, digest }: Bundle): BundleName {
  return { name, version, digest };
}

/** What serves, and what the next start brings up by what is remembered. */
export async function runningBundles(
  memory: AgentStateStorage,
  serving: () => readonly BundleName[],
): Promise<readonly BundleName[]> {
  return [...(await lastCommitted(memory)).values(), ...serving()];
}

function tensorrtVersion(): string | undefined {
  const found = nativeEngines().find(({ engine, available }) => engine === 'tensorrt' && available);
  return /\d+\.\d+(?:\.\d+)*/.exec(found?.detail ?? '')?.[0];
}
