import { Kind, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { InputError } from '../../base/index.ts';
import { checkSettings } from '../settings/read.ts';
import { StreamSetting, selectionProperties } from '../settings/streams.ts';
import type { StreamKindName } from './kind.ts';
import { streamKinds } from './table.ts';

/** What `--publish` takes beside `ros`, for its help. */
const publishAddresses: readonly string[] = Object.values(streamKinds).flatMap(({ address = [] }) => address);

/**
 * The settings that an address stands for: `mqtt://host/topic#rate=5&classes=person,car`. What stands behind the `#` is
 * named as in the settings of an agent. InputError `stream-address` and `settings-invalid`.
 */
export function readStreamAddress(address: string): StreamSetting {
  for (const kind of Object.keys(streamKinds) as StreamKindName[]) {
    const own = streamKinds[kind].read?.(address);
    if (own === undefined) continue;
    const { selection, more } = options(address, kind);
    return checkSettings(StreamSetting, { ...selection, [kind]: { ...own, ...more } }, '--publish');
  }
  throw new InputError(
    'stream-address',
    `"${address.replace(/\/\/[^/@]*@/, '//')}" is not an address that results can be published to.`,
    `Give ros, or one of ${publishAddresses.join(', ')}.`,
  );
}

function options(address: string, kind: StreamKindName) {
  const selection: Record<string, unknown> = {};
  const more: Record<string, unknown> = {};
  const schemas = StreamSetting.properties[kind].properties as Record<string, TSchema> | undefined;
  const common: Record<string, TSchema> = selectionProperties;
  for (const part of address.split('#').slice(1).join('#').split('&')) {
    if (part === '') continue;
    const cut = part.indexOf('=');
    const name = cut < 0 ? part : part.slice(0, cut);
    const text = cut < 0 ? 'true' : decodeURIComponent(part.slice(cut + 1));
    const schema = common[name] ?? schemas?.[name];
    if (schema === undefined)
      throw new InputError(
        'stream-address',
        `--publish: ${name} is not an option of this address.`,
        `Options after the # are ${[...Object.keys(common), ...Object.keys(schemas ?? {})].join(', ')}.`,
      );
    (name in common ? selection : more)[name] = convert(schema, text);
  }
  return { selection, more };
}

function convert(schema: TSchema, text: string): unknown {
  const list = schema[Kind] === 'Array';
  return Value.Convert(schema, list ? text.split(',').filter((one) => one !== '') : text);
}
