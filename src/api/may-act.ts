import type { Role } from './role.ts';

const rank: Readonly<Record<Role, number>> = { device: 0, viewer: 1, operator: 2, admin: 3 };

/** `device` is a role beside the others: it may use only the routes that name it. */
export function mayAct(role: Role, needed: Role): boolean {
  if (needed === 'device') return role === 'device' || rank[role] >= rank.viewer;
  return rank[role] >= rank[needed];
}
