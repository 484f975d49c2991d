import type { Role } from '../../api/index.ts';

/** Who acts, as the token of the request says. */
export interface Caller {
  readonly tokenId: string;
  readonly name: string;
  readonly role: Role;
}

/** Who acts where no person does. */
export const systemCaller: Caller = { tokenId: '-', name: 'system', role: 'admin' };

/** As the audit log names it. */
export function actorOf(caller: Caller): string {
  return `${caller.name} (${caller.tokenId})`;
}
