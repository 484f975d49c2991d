import { InputError } from '../../base/index.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import type { RoleName } from '../settings/roles.ts';

export interface ProcessRoles {
  /** It shares the work with others; false: it does everything alone. */
  readonly shared: boolean;
  readonly has: (role: RoleName) => boolean;
}

/** InputError `settings-invalid` for roles without a database that several processes can share. */
export function rolesOf({ roles, database }: Pick<ControllerSettings, 'roles' | 'database'>): ProcessRoles {
  if (roles === undefined) return { shared: false, has: () => false };
  if (database === undefined)
    throw new InputError(
      'settings-invalid',
      'roles: without database this controller stores its fleet in SQLite, which processes can’t share.',
      'Name a PostgreSQL in database.url, or leave roles out.',
    );
  if (roles.includes('api') && roles.includes('control'))
    throw new InputError(
      'settings-invalid',
      'roles: api and control are in one process, which has the API twice.',
      'Leave api out: control has the whole API while it leads. Start api as another process.',
    );
  return { shared: true, has: (role) => roles.includes(role) };
}
