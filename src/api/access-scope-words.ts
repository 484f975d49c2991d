import type { AccessScope } from './selector.ts';

/** `group hall-1 or hall-2, site=berlin` */
export function accessScopeWords({ groups = [], labels = {} }: AccessScope): string {
  const named = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [...(groups.length === 0 ? [] : [`group ${groups.join(' or ')}`]), ...named].join(', ');
}
