import { mayAct } from '../../api/index.ts';
import type { Caller } from '../audit/caller.ts';
import type { Endpoint } from './endpoint.ts';

export type Action = 'pull' | 'push' | 'delete';

/** What a token was asked for: `repository:street:pull,push`, `registry:catalog:*`. */
export interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Who asks the registry. */
export interface RegistryCaller {
  readonly caller: Caller;
  /** The device that it is, where that was proven. */
  readonly device?: string;
  /** It was proven with a certificate: a token that was given for it is worth nothing without one. */
  readonly certified?: boolean;
  /** What its token was given for; absent: everything that its role may. */
  readonly scopes?: readonly Scope[];
}

/** Scopes as clients write them; what has another form is left out. At most 32 are read. */
export function parseScopes(texts: readonly string[]): Scope[] {
  return texts
    .flatMap((text) => text.slice(0, 4_096).split(' '))
    .slice(0, 32)
    .flatMap((text) => {
      const [, type, name, actions] = /^([a-z]+):(.+):([a-z*,]+)$/.exec(text) ?? [];
      return type === undefined || name === undefined
        ? []
        : [{ type, name, actions: (actions ?? '').split(',') }];
    });
}

/** What a request wants: an action on a repository, or the list of repositories; undefined for what anybody with a token may. */
export function wantedBy(
  method: string,
  endpoint: Endpoint,
): { readonly name: string; readonly action: Action } | 'catalog' | undefined {
  switch (endpoint.kind) {
    case 'ping':
    case 'token':
      return undefined;
    case 'catalog':
      return 'catalog';
    case 'uploads':
    case 'upload':
      return { name: endpoint.name, action: 'push' };
    default: {
      const reads = method === 'GET' || method === 'HEAD';
      return { name: endpoint.name, action: reads ? 'pull' : method === 'DELETE' ? 'delete' : 'push' };
    }
  }
}

/** The scope to name in the challenge. */
export function scopeText(wanted: ReturnType<typeof wantedBy>): string | undefined {
  if (wanted === undefined) return undefined;
  if (wanted === 'catalog') return 'registry:catalog:*';
  return `repository:${wanted.name}:${wanted.action === 'push' ? 'pull,push' : wanted.action}`;
}

/** The least role for it. A device's is more narrow still: see `OrderedDigests`. */
export function roleFor(wanted: ReturnType<typeof wantedBy>): 'device' | 'viewer' | 'operator' | 'admin' {
  if (wanted === undefined) return 'device';
  if (wanted === 'catalog') return 'viewer';
  return wanted.action === 'pull' ? 'device' : wanted.action === 'push' ? 'operator' : 'admin';
}

/** Whether the token was given for it. */
export function isInScope(
  scopes: readonly Scope[] | undefined,
  wanted: ReturnType<typeof wantedBy>,
): boolean {
  if (scopes === undefined || wanted === undefined) return true;
  const [type, name, action] =
    wanted === 'catalog' ? ['registry', 'catalog', '*'] : ['repository', wanted.name, wanted.action];
  return scopes.some(
    (scope) =>
      scope.type === type &&
      scope.name === name &&
      (scope.actions.includes(action) || scope.actions.includes('*')),
  );
}

/** Of what was asked for, what the role may. */
export function grantedOf(scopes: readonly Scope[], { role }: Caller): Scope[] {
  return scopes.flatMap((scope) => {
    const all = scope.actions.includes('*') ? ['pull', 'push', 'delete'] : scope.actions;
    if (scope.type === 'registry') return scope.name === 'catalog' && mayAct(role, 'viewer') ? [scope] : [];
    if (scope.type !== 'repository') return [];
    const actions = all.filter(
      (action) =>
        (action === 'pull' || action === 'push' || action === 'delete') &&
        mayAct(role, roleFor({ name: scope.name, action })),
    );
    return actions.length === 0 ? [] : [{ ...scope, actions }];
  });
}
