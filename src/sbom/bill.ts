import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { describeError, InputError } from '../base/index.ts';
import type { Component } from './component.ts';

/** A bill of materials (SBOM) before it is text. */
export interface Bill {
  /** What it is of: a package, an image. */
  readonly subject: Component;
  readonly createdAt: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components: readonly Component[];
}

/** CycloneDX 1.6 as JSON; the same bill gives the same bytes. */
export function renderBill({ subject, createdAt, properties, components }: Bill): string {
  const metadata = { timestamp: createdAt, component: subject, properties };
  const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata, components };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

const Text = Type.String({ maxLength: 1000 });
const Read = Type.Object({
  type: Text,
  'bom-ref': Type.Optional(Text),
  name: Text,
  version: Type.Optional(Text),
  purl: Type.Optional(Text),
  licenses: Type.Optional(
    Type.Array(Type.Object({ license: Type.Optional(Type.Object({ name: Type.Optional(Text) })) })),
  ),
  hashes: Type.Optional(Type.Array(Type.Object({ alg: Text, content: Text }))),
});
const ReadBill = Type.Object({
  bomFormat: Type.Literal('CycloneDX'),
  metadata: Type.Object({ component: Read }),
  components: Type.Array(Read, { maxItems: 100_000 }),
});

/** Of any generator. Throws an InputError for text that is no SBOM. */
export function readBill(text: string, name: string): Pick<Bill, 'subject' | 'components'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notRead(name, describeError(error));
  }
  if (!Value.Check(ReadBill, value)) {
    const [first] = [...Value.Errors(ReadBill, value)];
    throw notRead(name, `${first?.path ?? ''}: ${first?.message ?? 'it is something else'}`);
  }
  return { subject: componentOf(value.metadata.component), components: value.components.map(componentOf) };
}

function componentOf(found: Static<typeof Read>): Component {
  const { type, name, version = '', purl, licenses = [], hashes } = found;
  const named = licenses.flatMap(({ license }) =>
    license?.name === undefined ? [] : [{ license: { name: license.name } }],
  );
  return {
    ...{ type, 'bom-ref': found['bom-ref'] ?? purl ?? name, name, version },
    ...(purl === undefined ? {} : { purl }),
    ...(named.length === 0 ? {} : { licenses: named }),
    ...(hashes === undefined ? {} : { hashes }),
  };
}

function notRead(name: string, why: string): InputError {
  return new InputError(
    'sbom-invalid',
    `${name} is no SBOM in CycloneDX’s JSON: ${why}.`,
    'The SBOM of a package is /usr/lib/goshawk-agent/share/sbom.cdx.json; the SBOM of an image is beside the image.',
  );
}
