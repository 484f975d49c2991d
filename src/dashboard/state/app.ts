import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { mayAct } from '../../api/index.ts';
import type { Me, Role } from '../api/types.ts';
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

/** True when the controller would let this token do it: what would be refused is not offered. */
export function mayActAs(me: Me, role: Role): boolean {
  return mayAct(me.role, role);
}

/** The same of what concerns the whole fleet, which a token that is limited to a part of it may not do. */
export function mayActOnFleet(me: Me, role: Role): boolean {
  return me.scope === undefined && mayActAs(me, role);
}
