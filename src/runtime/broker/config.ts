import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controllerId } from '../../protocol/index.ts';
import { revocationFile } from '../controller/broker-revocations.ts';
import { deviceAddresses } from '../settings/broker.ts';
import { ControllerSettings } from '../settings/controller.ts';
import { readSettings } from '../settings/read.ts';
import { emqxFiles } from './emqx.ts';
import type { BrokerFacts, BrokerFile, BrokerKind } from './kinds.ts';
import { mosquittoFiles } from './mosquitto.ts';
import { rabbitmqFiles } from './rabbitmq.ts';

const makers: Readonly<Record<BrokerKind, (facts: BrokerFacts) => readonly BrokerFile[]>> = {
  mosquitto: mosquittoFiles,
  emqx: emqxFiles,
  rabbitmq: rabbitmqFiles,
};

export interface BrokerConfigRequest {
  readonly kind: BrokerKind;
  /** The controller's settings. */
  readonly configFile: string;
  /** Where the broker will find certificates and lists. */
  readonly folder?: string;
  /** Written there; printed where it is absent. */
  readonly out?: string;
}

/** Settings of a broker that let each device be who its certificate says, and nobody else. */
export async function brokerConfig({
  kind,
  configFile,
  folder,
  out,
}: BrokerConfigRequest): Promise<readonly BrokerFile[]> {
  const settings = await readSettings(ControllerSettings, configFile);
  const url = new URL(deviceAddresses(settings).url);
  const files = makers[kind]({
    port: url.port === '' ? 8883 : Number(url.port),
    folder: folder ?? `/etc/${kind}/goshawk`,
    controller: controllerId,
    clients: settings.devices?.brokerClients ?? [],
    revocations:
      settings.devices === undefined || settings.devices.outside !== undefined
        ? undefined
        : join(settings.devices.authorityDir ?? join(settings.dataDir, 'ca'), revocationFile),
  });
  if (out === undefined) return files;
  await mkdir(out, { recursive: true });
  for (const { name, text } of files) await writeFile(join(out, name), text);
  return files;
}
