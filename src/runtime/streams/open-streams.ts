import { defined, InputError } from '../../base/index.ts';
import { type MakePicture, ResultStreams, type Stream, StreamCounts } from '../../streams/index.ts';
import type { StreamSetting } from '../settings/streams.ts';
import type { StreamKind, StreamKindName, StreamPorts } from './kind.ts';
import { streamKinds } from './table.ts';

export interface StreamsPorts extends Omit<StreamPorts, 'stream' | 'classes' | 'counts'> {
  readonly makePicture: MakePicture;
  /** A stream that can't be opened costs itself alone, unless the settings are wrong; absent: it is an end. */
  readonly onFailed?: (stream: string, error: unknown) => void;
}

/** All streams of these settings, or none: what was opened before one that can't be is closed again. */
export async function openStreams(
  settings: Readonly<Record<string, StreamSetting>>,
  ports: StreamsPorts,
): Promise<ResultStreams> {
  const opened: Stream[] = [];
  expectOwnClientIds(settings);
  try {
    for (const [name, setting] of Object.entries(settings))
      try {
        opened.push(await openStream(name, setting, ports));
      } catch (error) {
        if (ports.onFailed === undefined || error instanceof InputError) throw error;
        ports.onFailed(name, error);
      }
  } catch (error) {
    await Promise.all(opened.map(({ outlet }) => outlet.close(0)));
    throw error;
  }
  return new ResultStreams(opened, ports);
}

/** A broker ends the older of two connections with one client id, so that neither would last. */
function expectOwnClientIds(settings: Readonly<Record<string, StreamSetting>>): void {
  const used = new Map<string, string>();
  for (const [name, { mqtt }] of Object.entries(settings)) {
    if (mqtt?.clientId === undefined) continue;
    const other = used.get(mqtt.clientId);
    if (other !== undefined)
      throw new InputError(
        'stream-client',
        `The streams ${other} and ${name} have one client id, ${mqtt.clientId}.`,
        'Give each a `clientId` that no other client of the broker has, or leave it out.',
      );
    used.set(mqtt.clientId, name);
  }
}

async function openStream(name: string, setting: StreamSetting, ports: StreamsPorts): Promise<Stream> {
  const kind = kindOf(name, setting);
  const { cameras, rate, classes, minScore, fields } = setting;
  const unknown = cameras?.find((camera) => !ports.cameras.includes(camera));
  if (unknown !== undefined)
    throw new InputError(
      'stream-camera',
      `The stream ${name} names the camera ${unknown}, which this device does not have.`,
      `Name cameras of its settings: ${ports.cameras.join(', ')}.`,
    );
  const counts = new StreamCounts();
  // The table has the kind and its settings under one name.
  const { to, open } = streamKinds[kind] as StreamKind<StreamKindName>;
  const own = setting[kind] as NonNullable<StreamSetting[StreamKindName]>;
  const seen = cameras ?? ports.cameras;
  const outlet = await open(own, { ...ports, stream: name, cameras: seen, classes, counts });
  return {
    ...{ name, to: to(own, ports), counts, outlet },
    selection: defined({ cameras, rate, classes, minScore, fields }),
  };
}

function kindOf(name: string, setting: StreamSetting): StreamKindName {
  const names = Object.keys(streamKinds) as StreamKindName[];
  const given = names.filter((kind) => setting[kind] !== undefined);
  const [kind] = given;
  if (kind !== undefined && given.length === 1) return kind;
  throw new InputError(
    'stream-kind',
    given.length === 0
      ? `The stream ${name} does not say where it goes.`
      : `The stream ${name} goes to several places: ${given.join(', ')}.`,
    `Give it one of ${names.join(', ')}.`,
  );
}
