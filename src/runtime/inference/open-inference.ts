import { type Clock, describeError, type Log } from '../../base/index.ts';
import type { Pipeline } from '../../perception/index.ts';
import { type InferenceServer, InferenceService } from '../../serving/index.ts';
import type { InferenceListener, InferenceSettings } from '../settings/inference.ts';
import { goshawkVersion } from '../version.ts';
import { openAccess } from './access.ts';
import { pipelineModels } from './pipeline-models.ts';

export interface InferencePorts {
  /** Whose models are asked; undefined: there are none yet. */
  readonly live: () => Pipeline | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface InferenceServers {
  readonly urls: readonly string[];
  close(): Promise<void>;
}

const extensions = ['binary_tensor_data', 'model_repository'];

/** Answers requests where the settings say. Rejects, with nothing left open, where one of the addresses can't be had. */
export async function openInference(
  { http, grpc, waitSeconds }: InferenceSettings,
  { live, clock, log }: InferencePorts,
): Promise<InferenceServers> {
  const service = new InferenceService({ models: pipelineModels(live), clock, waitMs: waitSeconds * 1000 });
  const facts = { name: 'goshawk', version: goshawkVersion(), extensions };
  const open: InferenceServer[] = [];
  const close = async () => void (await Promise.all(open.map((one) => one.close())));
  const listen = async (listener: InferenceListener, path: 'http' | 'grpc') => {
    const { host, port, maxBytes } = listener;
    const access = await openAccess(listener, `inference.${path}`);
    const serve =
      path === 'http'
        ? (await import('../../adapters/inference-http/index.ts')).serveInferenceHttp
        : (await import('../../adapters/grpc/index.ts')).serveInferenceGrpc;
    const server = await serve({ service, facts, host, port, maxBytes, ...access });
    log.info('Requests are answered', { url: server.url, token: access.allowed !== undefined });
    open.push(server);
  };
  try {
    if (http !== undefined) await listen(http, 'http');
    if (grpc !== undefined) await listen(grpc, 'grpc');
  } catch (error) {
    await close();
    throw error;
  }
  return { urls: open.map(({ url }) => url), close };
}

/** Of a device: an address that can't be had costs it the requests, not its work. */
export async function openDeviceInference(
  settings: InferenceSettings,
  ports: InferencePorts,
): Promise<InferenceServers | undefined> {
  if (settings.http === undefined && settings.grpc === undefined) return undefined;
  try {
    return await openInference(settings, ports);
  } catch (error) {
    ports.log.error('Requests are not answered until the agent starts again', {
      reason: describeError(error),
    });
    return undefined;
  }
}
