import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { findProvider, providerConfig, type Token } from '../adapters/pkcs11/index.ts';
import { asGoshawkError, defined, MissingError, RefusedError } from '../base/index.ts';

export interface ProcessPorts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly provider: () => string;
  /** What a program like this one said that does not start with these settings of OpenSSL; undefined where it starts. */
  readonly failure: (file: string) => string | undefined;
  /** Takes this process's place. Undefined: this Node can't. */
  readonly restart: ((environment: Readonly<Record<string, string>>) => void) | undefined;
}

/**
 * Lets this process use keys in a token, TLS included. Node reads OpenSSL's settings when it starts and never again, so the
 * process becomes itself anew, with the same number and the same arguments: a service manager sees nothing of it. To be
 * called before anything was opened. Where it returns, the provider is there; `before` is done by the first of the two.
 */
export async function useToken(
  token: Token,
  before: () => Promise<void> = async () => {},
  ports: ProcessPorts = thisProcess,
): Promise<void> {
  const { environment, provider, failure, restart } = ports;
  const text = providerConfig(token, provider());
  const name = `goshawk-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.cnf`;
  const { OPENSSL_CONF: loaded = '' } = environment;
  if (basename(loaded) === name) {
    // It was read.
    await rm(dirname(loaded), { recursive: true, force: true });
    return;
  }
  await expectTrusted(token.module);
  await before();
  // A folder that nobody else can change until the file is read.
  const folder = await mkdtemp(join(tmpdir(), 'goshawk-pkcs11-'));
  const file = join(folder, name);
  await writeFile(file, text, { mode: 0o600 });
  const said = failure(file);
  if (said === undefined && restart !== undefined) restart({ ...defined(environment), OPENSSL_CONF: file });
  await rm(folder, { recursive: true, force: true });
  throw new MissingError(
    'pkcs11-provider-failed',
    said === undefined
      ? `This Node (${process.version}) can't restart itself with the PKCS #11 provider.`
      : `This Node (${process.version}) does not start with the PKCS #11 provider: ${said}.`,
    "Use the Node of Goshawk's packages. Node 20 has another OpenSSL than the provider of Debian 13.",
  );
}

/**
 * A library runs with the rights of whoever loads it, and the settings that name it may be another user's: it has to be
 * root's or this user's own, and so has every folder above it.
 */
async function expectTrusted(module: string): Promise<void> {
  try {
    for (let path = await realpath(module); ; path = dirname(path)) {
      const { uid, mode } = await stat(path);
      if ((uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0)
        throw new RefusedError(
          'pkcs11-module-open',
          `Other users can change ${path}, and with it the library ${module}.`,
          'Install the library where only root can write.',
        );
      if (path === '/') return;
    }
  } catch (error) {
    throw asGoshawkError(error, 'pkcs11-module-missing', `Is the PKCS #11 library ${module} installed?`);
  }
}

type Execve = (file: string, args: readonly string[], environment: Readonly<Record<string, string>>) => void;

const execve = (process as { readonly execve?: Execve }).execve?.bind(process);
const thisProcess: ProcessPorts = {
  environment: process.env,
  provider: findProvider,
  failure(file) {
    const { status, signal, stderr } = spawnSync(process.execPath, ['-e', '0'], {
      env: { ...process.env, OPENSSL_CONF: file },
      encoding: 'utf8',
      timeout: 20_000,
    });
    if (status === 0) return undefined;
    return signal === null ? String(stderr).trim().slice(0, 300) : `it dies of ${signal}`;
  },
  restart:
    execve === undefined
      ? undefined
      : (environment) =>
          execve(
            process.execPath,
            [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
            environment,
          ),
};
