import {
  basicOf,
  dockerCredentials,
  RegistryClient,
  registryUrl,
  UploadFolder,
  usualUploadFolder,
} from '../../adapters/oci/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { InputError } from '../../base/index.ts';
import { type Manifest, parseReference, type Reference, repositoryOf, tagOf } from '../../model/index.ts';
import type { WorkPorts } from '../ports.ts';

/** How a registry is reached, and what is shown to it. */
export interface RegistryOptions {
  /** Of the controller, where no registry is named: `http://host:port`. */
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly plainHttp?: boolean | undefined;
}

export interface RegistryTarget {
  readonly client: RegistryClient;
  readonly reference: Reference;
}

/** The registry of a reference; without one the controller is meant, with the model's own name and version. */
export async function targetOf(
  reference: string | undefined,
  manifest: Pick<Manifest, 'name' | 'version'> | undefined,
  options: RegistryOptions,
  ports: WorkPorts,
): Promise<RegistryTarget> {
  if (reference === undefined && manifest !== undefined)
    return controllerTarget(
      { repository: repositoryOf(manifest.name), tag: tagOf(manifest.version) },
      options,
      ports,
    );
  if (reference !== undefined && !reference.includes('/')) {
    // `street:1.0.0` or `street@sha256:...`: of the controller.
    const { registry: _, ...own } = parseReference(`controller/${reference}`);
    return controllerTarget(own, options, ports);
  }
  const parsed = parseReference(reference ?? '');
  const { user, password, plainHttp } = options;
  const given = password === undefined ? undefined : { user: user ?? 'goshawk', password };
  const credentials =
    given ?? (await dockerCredentials(parsed.registry)) ?? ofController(parsed.registry, options);
  return { reference: parsed, client: clientOf(parsed.registry, plainHttp === true, credentials, ports) };
}

/** A registry named by its address is the controller too, where it is that address. */
function ofController(registry: string, { url, token }: RegistryOptions) {
  if (url === undefined || token === undefined || URL.parse(url)?.host !== registry) return undefined;
  return { user: 'goshawk', password: token };
}

function controllerTarget(
  own: Omit<Reference, 'registry'>,
  { url = 'http://127.0.0.1:8080', token }: RegistryOptions,
  ports: WorkPorts,
): RegistryTarget {
  const address = URL.parse(url);
  if (address === null || !/^https?:$/.test(address.protocol))
    throw new InputError(
      'url-invalid',
      `"${url}" is not an address.`,
      'Give http://host:port or https://host.',
    );
  if (token === undefined || token === '')
    throw new InputError(
      'token-missing',
      `You are not logged in to ${url}.`,
      `Run \`goshawk login ${url}\`, or set GOSHAWK_TOKEN to the token of an operator.`,
    );
  const credentials = { user: 'goshawk', password: token };
  const client = clientOf(address.host, address.protocol === 'http:', credentials, ports);
  return { client, reference: { registry: address.host, ...own } };
}

function clientOf(
  registry: string,
  plainHttp: boolean,
  credentials: { readonly user: string; readonly password: string } | undefined,
  { signal }: WorkPorts,
): RegistryClient {
  const uploads = new UploadFolder(usualUploadFolder());
  return new RegistryClient({
    url: registryUrl(registry, plainHttp),
    authorization: credentials && basicOf(credentials),
    ...{ tokenServer: 'domain', signal, uploads, answerMs: 60_000 },
    patience: { tries: 5, clock: new SystemClock() },
  });
}

/** As a person names it. */
export function describeReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
