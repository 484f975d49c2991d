import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is shown to a registry as the password of a user, who may be anybody. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** As a header shows them. */
export function basicOf({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/**
 * What `docker login`, `podman login`, `skopeo login` or `oras login` left for a registry. Helpers that keep passwords
 * elsewhere (`credHelpers`, `credsStore`) are programs of others, and are not run.
 */
export async function dockerCredentials(
  registry: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Credentials | undefined> {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, DOCKER_CONFIG } = environment;
  const files = [
    REGISTRY_AUTH_FILE,
    XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, 'containers', 'auth.json'),
    join(DOCKER_CONFIG ?? join(environment.HOME ?? homedir(), '.docker'), 'config.json'),
  ];
  for (const file of files) {
    if (file === undefined || file === '') continue;
    const found = credentialsIn(await readFile(file, 'utf8').catch(() => ''), registry);
    if (found !== undefined) return found;
  }
  return undefined;
}

function credentialsIn(text: string, registry: string): Credentials | undefined {
  let auths: unknown;
  try {
    auths = (JSON.parse(text) as { auths?: unknown }).auths;
  } catch {
    return undefined;
  }
  if (typeof auths !== 'object' || auths === null) return undefined;
  for (const key of [registry, `https://${registry}`, `http://${registry}`]) {
    const { auth } = ((auths as Record<string, unknown>)[key] ?? {}) as { auth?: unknown };
    if (typeof auth !== 'string') continue;
    const decoded = Buffer.from(auth, 'base64').toString('utf8');
    const at = decoded.indexOf(':');
    if (at > 0) return { user: decoded.slice(0, at), password: decoded.slice(at + 1) };
  }
  return undefined;
}
