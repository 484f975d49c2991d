import type { Me, Role } from '../api/types.ts';
import { mayActAs, mayActOnFleet } from '../state/app.ts';

/** Parts of the page Settings, with the least role that may see each; `whole`: only for the whole fleet. */
export const settingsParts = [
  { part: 'groups', name: 'Groups and sites', role: 'viewer', whole: false },
  { part: 'rules', name: 'Rules and channels', role: 'admin', whole: true },
  { part: 'enrolment', name: 'Claims', role: 'operator', whole: true },
  { part: 'people', name: 'People and tokens', role: 'admin', whole: true },
] as const satisfies readonly {
  readonly part: string;
  readonly name: string;
  readonly role: Role;
  readonly whole: boolean;
}[];

export function maySee(me: Me, { role, whole }: { readonly role: Role; readonly whole: boolean }): boolean {
  return whole ? mayActOnFleet(me, role) : mayActAs(me, role);
}

export type SettingsPart = (typeof settingsParts)[number]['part'];
