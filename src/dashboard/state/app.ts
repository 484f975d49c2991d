import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from '../api/types.ts';
import type { Fleet } from './fleet.ts';

export interface Session {
  readonly me: Me;
  readonly fleet: Fleet;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('A view was drawn outside of a session.');
  return session;
}

const rank = { device: 0, viewer: 1, operator: 2, admin: 3 } as const;

/** True when the controller would let this token do it: what would be refused is not offered. */
export function mayActAs(me: Me, role: keyof typeof rank): boolean {
  return rank[me.role] >= rank[role];
}
