import type { AccessScope, Role } from '../../api/index.ts';

/** Who acts, as the token of the request says. */
export interface Caller {
  readonly tokenId: string;
  readonly name: string;
  readonly role: Role;
  /** The part of the fleet that it may see and change; absent: all of it. */
  readonly scope?: AccessScope;
}

/** Who acts where no person does. */
export const systemCaller: Caller = { tokenId: '-', name: 'system', role: 'admin' };

/** Another token and another name: one person may have two tokens of one name. */
export function isSamePerson(
  caller: Caller,
  other: { readonly token: string; readonly name: string },
): boolean {
  return caller.tokenId === other.token || caller.name === other.name;
}

/** As the audit log names it. */
export function actorOf(caller: Caller): string {
  return `${caller.name} (${caller.tokenId})`;
}
