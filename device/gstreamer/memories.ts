import { type GstreamerAddon, loadGstreamer } from '../../native/index.ts';
import type { DeviceMemory } from '../../src/perception/index.ts';

export interface MemoryHere {
  readonly memory: DeviceMemory;
  /** Why no picture can stay there on this machine; absent: one can, where a decoder gives it. */
  readonly problem?: string;
}

/** Where pictures of GStreamer's can stay on this machine. Throws a MissingError where it can't be used. */
export function memoriesHere(addon: GstreamerAddon = loadGstreamer()): readonly MemoryHere[] {
  const [major = 0, minor = 0] = addon.version().split('.').map(Number);
  const files = major > 1 || minor >= 24 ? '' : `GStreamer is ${addon.version()}, and this takes 1.24`;
  const here = (memory: DeviceMemory, problem: string) => (problem === '' ? { memory } : { memory, problem });
  return [here('nvmm', addon.surfaceProblem()), here('dmabuf', ''), here('memfd', files)];
}
