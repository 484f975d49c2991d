import type { Group } from './groups.ts';

/** All ids: those that are listed, and those that say so themselves. */
export function membersOf({ members, declaredBy = [] }: Group): string[] {
  return [...new Set([...members, ...declaredBy])].sort();
}
