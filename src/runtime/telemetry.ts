import { readFile } from 'node:fs/promises';
import type { OtlpExport, OtlpExportPorts } from '../adapters/opentelemetry/index.ts';
import { type Clock, InputError, type Log } from '../base/index.ts';
import { FollowedOrders, type Reported } from '../protocol/index.ts';
import { pem } from './settings/connect.ts';
import type { OtlpSettings } from './settings/telemetry.ts';
import { isLocal } from './streams/kind.ts';
import { goshawkVersion } from './version.ts';

export interface OtlpPorts {
  readonly program: 'agent' | 'controller';
  /** Which one of the program: a device's id. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: NonNullable<OtlpExportPorts['metrics']>;
  /** Of the device's bytes of a day; not asked for what stays on this machine. */
  readonly spend?: (bytes: number) => void;
}

type Settings = Omit<OtlpSettings, 'frameRatio'> & Partial<Pick<OtlpSettings, 'frameRatio'>>;

/** Undefined, and nothing is loaded, where the settings name no receiver. */
export async function openOtlp(
  settings: Settings | undefined,
  ports: OtlpPorts,
): Promise<OtlpExport | undefined> {
  if (settings === undefined) return undefined;
  const { url, headersFile, caFile, frameRatio = 0, metricsEverySeconds, logs } = settings;
  const { program, instance, clock, log, metrics, spend } = ports;
  const headers =
    headersFile === undefined ? {} : headersOf(await readFile(headersFile, 'utf8'), headersFile);
  const ca = caFile === undefined ? {} : { ca: Buffer.from(await pem(caFile)).toString('utf8') };
  const { OtlpExport, OtlpSender } = await import('../adapters/opentelemetry/index.ts');
  const resource = {
    ...{ 'service.name': `goshawk-${program}`, 'service.version': goshawkVersion() },
    ...{ 'service.namespace': 'goshawk', 'service.instance.id': instance },
  };
  const sender = new OtlpSender({
    url,
    headers,
    ...ca,
    ...(spend === undefined || isLocal(url) ? {} : { spend }),
  });
  log.info('Telemetry goes to a receiver of OTLP', { url: new URL(url).origin });
  return new OtlpExport(
    { resource, frameRatio, metricsEverySeconds, logs },
    { sender, clock, log, random: Math.random, metrics },
  );
}

function headersOf(text: string, file: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line, at) => {
      const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(\S.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || value === undefined)
        throw new InputError(
          'settings-invalid',
          `telemetry.otlp.headersFile: line ${at + 1} of ${file} is not a header.`,
          'Write each line as `name: value`.',
        );
      return [name.toLowerCase(), value];
    }),
  );
}

/** Follows the orders of a device by what it reports of itself. */
export function orderFollower(device: string, otlp: Pick<OtlpExport, 'order'>, clock: Clock) {
  const followed = new FollowedOrders((order) => otlp.order(order, false));
  return (reported: Reported) => followed.reported(device, reported, clock.wallMs(), true);
}
