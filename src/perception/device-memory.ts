/**
 * Memory that a picture may stay in, from the decoder to the network: a driver's (`dmabuf`), a process's with a file of its own
 * (`memfd`), a surface of a Jetson (`nvmm`). Each has the bit that it has in native code.
 */
export const deviceMemories = { dmabuf: 1, memfd: 2, nvmm: 4 } as const;
export type DeviceMemory = keyof typeof deviceMemories;

/** As one number. */
export function memoryBits(memories: readonly DeviceMemory[]): number {
  return memories.reduce((bits, memory) => bits | deviceMemories[memory], 0);
}

export function memoriesOf(bits: number): DeviceMemory[] {
  return (Object.keys(deviceMemories) as DeviceMemory[]).filter(
    (memory) => (bits & deviceMemories[memory]) !== 0,
  );
}

/** The memory kinds that all of these readers accept; empty without readers, or if one accepts none. */
export function sharedMemories(readers: readonly (readonly DeviceMemory[] | undefined)[]): DeviceMemory[] {
  const [first = [], ...others] = readers;
  return first.filter((memory) => others.every((other) => other?.includes(memory) === true));
}
