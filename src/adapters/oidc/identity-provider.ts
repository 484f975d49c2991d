import * as client from 'openid-client';
import { describeError, MissingError, RefusedError } from '../../base/index.ts';
import type { IdentityProvider } from '../../controller/index.ts';

export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly scopes: readonly string[];
  /** Where the provider sends the browser back to. */
  readonly redirectUrl: string;
}

type SignInSecrets = Parameters<IdentityProvider['finish']>[1];
type Claims = Awaited<ReturnType<IdentityProvider['finish']>>;

const timeoutSeconds = 10;

/** The authorization code flow with PKCE, state and nonce. The provider is asked for its addresses at the first sign-in. */
export class OidcIdentityProvider implements IdentityProvider {
  readonly #options: OidcOptions;
  #configuration: Promise<client.Configuration> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  async begin(): Promise<{ address: string; secrets: SignInSecrets }> {
    const { redirectUrl, scopes } = this.#options;
    const configuration = await this.#discovered();
    const secrets = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUrl,
      scope: [...new Set(['openid', ...scopes])].join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(secrets.codeVerifier),
      code_challenge_method: 'S256',
      state: secrets.state,
      nonce: secrets.nonce,
    });
    return { address: address.href, secrets };
  }

  async finish(query: string, { state, nonce, codeVerifier }: SignInSecrets): Promise<Claims> {
    const configuration = await this.#discovered();
    const address = new URL(this.#options.redirectUrl);
    address.search = query;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, address, {
        ...{ pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce },
        idTokenExpected: true,
      });
      const claims = tokens.claims() ?? { sub: '' };
      if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
      // Many providers tell groups here alone; the subject is compared.
      const further = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      return { ...claims, ...further };
    } catch (cause) {
      throw new RefusedError(
        'sign-in-refused',
        `The provider did not sign you in: ${reasonOf(cause)}.`,
        'Sign in again. If it happens again, ask an admin to check people in the settings of the controller.',
        { cause },
      );
    }
  }

  /** A failure is retried at the next sign-in. */
  #discovered(): Promise<client.Configuration> {
    this.#configuration ??= this.#discover().catch((cause: unknown) => {
      this.#configuration = undefined;
      throw new MissingError(
        'provider-away',
        `${this.#options.issuer} does not answer as a provider of OpenID Connect: ${reasonOf(cause)}.`,
        'Check people.issuer in the settings of the controller, and the network.',
        { cause },
      );
    });
    return this.#configuration;
  }

  #discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options;
    const address = new URL(issuer);
    // The settings allow http on this machine alone.
    const execute = address.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    const authentication =
      clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
    return client.discovery(address, clientId, undefined, authentication, {
      execute,
      timeout: timeoutSeconds,
    });
  }
}

/** The provider's own words where it has some; never a code or a token. */
function reasonOf(cause: unknown): string {
  const { error_description: said, code } = cause as { error_description?: unknown; code?: unknown };
  if (typeof said === 'string') return said.slice(0, 300).replace(/\.$/, '');
  const why = describeError(cause).slice(0, 300).replace(/\.$/, '');
  return typeof code === 'string' ? `${why} (${code})` : why;
}
