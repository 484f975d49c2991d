import { once } from 'node:events';
import { startBroker } from '../../adapters/aedes/index.ts';
import { createLog } from '../../adapters/pino/index.ts';
import type { ProgramOptions } from '../program.ts';

export interface BrokerProgram extends Omit<ProgramOptions, 'configFile'> {
  /** 0 takes a free one. */
  readonly port: number;
}

/** The program `goshawk broker`: the built-in broker for this machine alone, without accounts, until the signal fires. */
export async function runBroker(
  { port, logLevel, prettyLog, signal }: BrokerProgram,
  onStarted: (broker: { readonly url: string }) => void,
): Promise<void> {
  const broker = await startBroker({ port, log: createLog({ level: logLevel, pretty: prettyLog }) });
  onStarted({ url: broker.url });
  if (!signal.aborted) await once(signal, 'abort');
  await broker.close();
}
