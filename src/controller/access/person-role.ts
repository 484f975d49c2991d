import type { Role } from '../../api/index.ts';
import { InputError, printable, RefusedError } from '../../base/index.ts';

export type PersonRole = Exclude<Role, 'device'>;

/** Groups whose members have a role; `*`: everybody whom the provider signs in. */
export type RoleGroups = Readonly<Record<PersonRole, readonly string[]>>;

export interface PeopleRules {
  readonly groupsClaim: string;
  readonly roles: RoleGroups;
}

/** Claims of a person, as the provider vouches for them. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Person {
  readonly subject: string;
  /** Mail address where the provider has one. */
  readonly name: string;
  readonly role: PersonRole;
}

const strongestFirst: readonly PersonRole[] = ['admin', 'operator', 'viewer'];
const longest = 120;
const mostGroups = 1_000;

/** Who that is here. RefusedError for somebody in none of the groups. */
export function personOf(claims: Claims, { groupsClaim, roles }: PeopleRules): Person {
  const subject = claims.sub;
  if (typeof subject !== 'string' || subject === '' || subject.length > 255)
    throw new InputError('person-unnamed', 'The provider named no subject.', 'Check its client settings.');
  const name = nameOf(claims) ?? subject;
  const groups = groupsOf(claims[groupsClaim]);
  const role = strongestFirst.find((one) =>
    roles[one].some((group) => group === '*' || groups.includes(group)),
  );
  if (role !== undefined) return { subject: tidy(subject), name: tidy(name), role };
  throw new RefusedError(
    'person-no-role',
    `${tidy(name)} is in no group that has a role in this fleet.`,
    'Ask an admin: the groups are in people.roles in the settings of the controller.',
  );
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
