import { defined, InputError } from '../../base/index.ts';
import type { PeopleSetup } from '../../controller/index.ts';
import type { ControllerSettings } from '../settings/controller.ts';
import { readSecret } from '../settings/read.ts';

/** Undefined where people have tokens alone. The provider is asked when somebody signs in, so that it may be away now. */
export async function peopleSetup({ people, http }: ControllerSettings): Promise<PeopleSetup | undefined> {
  if (people === undefined) return undefined;
  const { issuer, clientId, clientSecretFile, scopes, groupsClaim, sessionHours } = people;
  const { roles, scopedRoles } = people;
  if (http.publicUrl === undefined)
    throw new InputError(
      'people-address',
      'People cannot sign in at a provider that does not know where to send them back.',
      'Set http.publicUrl to the address of the dashboard.',
    );
  const clientSecret = clientSecretFile === undefined ? undefined : await readSecret(clientSecretFile);
  const { OidcIdentityProvider } = await import('../../adapters/oidc/index.ts');
  const provider = new OidcIdentityProvider({
    ...{ issuer, clientId, scopes, ...defined({ clientSecret }) },
    redirectUrl: `${http.publicUrl.replace(/\/$/, '')}/auth/callback`,
  });
  return { provider, groupsClaim, roles, scopedRoles, sessionMs: sessionHours * 3_600_000 };
}
