import type { AccessScope, Role } from '../../api/index.ts';
import { InputError, printable, RefusedError } from '../../base/index.ts';

export type PersonRole = Exclude<Role, 'device'>;

/** Groups whose members have a role; `*`: everybody whom the provider signs in. */
export type RoleGroups = Readonly<Record<PersonRole, readonly string[]>>;

export interface PeopleRules {
  readonly groupsClaim: string;
  readonly roles: RoleGroups;
  /** Roles for a part of the fleet. */
  readonly scopedRoles: readonly ScopedRole[];
}

export interface ScopedRole {
  readonly role: PersonRole;
  /** Groups at the provider, as in `RoleGroups`. */
  readonly members: readonly string[];
  readonly scope: AccessScope;
}

/** Claims of a person, as the provider vouches for them. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Person {
  readonly subject: string;
  /** Mail address where the provider has one. */
  readonly name: string;
  readonly role: PersonRole;
  /** Absent: the whole fleet. */
  readonly scope?: AccessScope;
}

const strongestFirst: readonly PersonRole[] = ['admin', 'operator', 'viewer'];
const longest = 120;
const mostGroups = 1_000;

/** The role of a person. RefusedError for a person in none of the groups. */
export function personOf(claims: Claims, { groupsClaim, ...rules }: PeopleRules): Person {
  const subject = claims.sub;
  if (typeof subject !== 'string' || subject === '' || subject.length > 255)
    throw new InputError('person-unnamed', 'The provider named no subject.', 'Check its client settings.');
  const name = nameOf(claims) ?? subject;
  const groups = groupsOf(claims[groupsClaim]);
  const access = accessOf(groups, rules);
  if (access !== undefined) return { subject: tidy(subject), name: tidy(name), ...access };
  throw new RefusedError(
    'person-no-role',
    `${tidy(name)} is in no group that has a role in this fleet.`,
    'Ask an admin: the groups are in people.roles and people.scopedRoles in the settings of the controller.',
  );
}

/** The strongest role; where it is one for the whole fleet and for parts of it, the whole; of several parts the first. */
function accessOf(
  groups: readonly string[],
  { roles, scopedRoles }: Omit<PeopleRules, 'groupsClaim'>,
): Pick<Person, 'role' | 'scope'> | undefined {
  const isIn = (members: readonly string[]) =>
    members.some((group) => group === '*' || groups.includes(group));
  for (const role of strongestFirst) {
    if (isIn(roles[role])) return { role };
    const part = scopedRoles.find((one) => one.role === role && isIn(one.members));
    if (part !== undefined) return { role, scope: part.scope };
  }
  return undefined;
}

/** A mail address that the provider has not verified may be anybody's. */
function nameOf({ email, email_verified, preferred_username: username, name }: Claims): string | undefined {
  const mail = email_verified === false ? undefined : email;
  return [mail, username, name].find((one): one is string => typeof one === 'string' && one !== '');
}

/** A list, or one group as text. */
function groupsOf(claim: unknown): readonly string[] {
  const all: unknown[] = Array.isArray(claim) ? claim.slice(0, mostGroups) : [claim];
  return all.filter((one): one is string => typeof one === 'string');
}

function tidy(text: string): string {
  return printable(text).slice(0, longest);
}
