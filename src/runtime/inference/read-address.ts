import { InputError } from '../../base/index.ts';
import { InferenceSettings } from '../settings/inference.ts';
import { checkSettings } from '../settings/read.ts';

const kinds = { 'http:': 'http', 'https:': 'http', 'grpc:': 'grpc' } as const;

/**
 * Settings of addresses as `goshawk serve --listen` takes them: `http://127.0.0.1:8000`, `grpc://0.0.0.0:8001#tokenFile=token.txt`; what
 * stands behind the `#` is named as in the settings of an agent.
 */
export function readInferenceAddresses(addresses: readonly string[], waitSeconds: number): InferenceSettings {
  const settings: Record<string, unknown> = { waitSeconds };
  for (const address of addresses) {
    const { kind, ...listener } = listenerOf(address);
    if (kind in settings)
      throw new InputError(
        'inference-address',
        `There are two addresses for ${kind}.`,
        'Give one of each kind.',
      );
    settings[kind] = listener;
  }
  return checkSettings(InferenceSettings, settings, '--listen');
}

function listenerOf(address: string) {
  // A URL of another protocol than http forgets nothing, but has no port where it is left out.
  const url = URL.parse(address);
  const kind = url === null ? undefined : kinds[url.protocol as keyof typeof kinds];
  if (url === null || kind === undefined || url.hostname === '')
    throw new InputError(
      'inference-address',
      `"${address}" is not an address that requests can be answered at.`,
      'Give http://127.0.0.1:8000 or grpc://127.0.0.1:8001.',
    );
  const given = Object.fromEntries(new URLSearchParams(url.hash.slice(1)));
  const { maxBytes, ...more } = given;
  return {
    kind,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...more,
    ...(maxBytes === undefined ? {} : { maxBytes: Number(maxBytes) }),
  };
}
