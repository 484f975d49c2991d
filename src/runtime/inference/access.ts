import { readFile } from 'node:fs/promises';
import { nodeSecrets } from '../../adapters/crypto/index.ts';
import { asGoshawkError, InputError } from '../../base/index.ts';
import type { InferenceServerOptions } from '../../serving/index.ts';
import { isLoopback } from '../loopback.ts';
import type { InferenceListener } from '../settings/inference.ts';
import { readSecret } from '../settings/read.ts';

/** Who may ask there, and by which certificate it is known. */
export type Access = Pick<InferenceServerOptions, 'allowed' | 'tls'>;

const shortestToken = 16;

/** Rejects with an InputError for an address that everyone could ask, and for files that do not fit. */
export async function openAccess(listener: InferenceListener, path: string): Promise<Access> {
  const { host, tokenFile, certFile, keyFile } = listener;
  if (tokenFile === undefined && !isLoopback(host))
    throw new InputError(
      'inference-open',
      `${path}.host is ${host}: everyone in the network could use the engine.`,
      `Set ${path}.tokenFile, or leave host at 127.0.0.1.`,
    );
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new InputError(
      'inference-tls',
      `${path} has ${certFile === undefined ? 'keyFile' : 'certFile'} alone.`,
      'TLS needs certFile and keyFile.',
    );
  return {
    ...(tokenFile === undefined ? {} : { allowed: allowing(await tokenOf(tokenFile)) }),
    ...(certFile === undefined || keyFile === undefined
      ? {}
      : { tls: { cert: await pem(certFile), key: await pem(keyFile) } }),
  };
}

/** In the same time for every token. */
function allowing(token: string): (authorization: string | undefined) => boolean {
  const { sha256, equal } = nodeSecrets;
  const wanted = sha256(token);
  return (authorization = '') => {
    const [, given = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    return equal(sha256(given), wanted);
  };
}

async function tokenOf(file: string): Promise<string> {
  const token = await readSecret(file);
  if (token.length >= shortestToken && !/\s/.test(token)) return token;
  throw new InputError(
    'inference-token',
    `The token in ${file} is shorter than ${shortestToken} characters, or has spaces.`,
    'Make one: openssl rand -hex 24.',
  );
}

async function pem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw asGoshawkError(error, 'inference-tls', `Check ${file}.`);
  }
}
