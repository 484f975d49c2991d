import type { Role } from '../api/types.ts';

/** Parts of the page Settings, with the least role that may see each. */
export const settingsParts = [
  { part: 'groups', name: 'Groups and sites', role: 'viewer' },
  { part: 'rules', name: 'Rules and channels', role: 'admin' },
  { part: 'enrolment', name: 'Claims', role: 'operator' },
  { part: 'people', name: 'People and tokens', role: 'admin' },
] as const satisfies readonly { readonly part: string; readonly name: string; readonly role: Role }[];

export type SettingsPart = (typeof settingsParts)[number]['part'];
