import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { describeSettings } from '../../../../src/runtime/settings/describe.ts';

describe('The description of settings', () => {
  it('has a line for each, with path, type, bounds, default and meaning', () => {
    const schema = Type.Object({
      device: Type.String({ description: 'Its name' }),
      port: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080 }),
      rate: Type.Optional(Type.Number({ minimum: 0 })),
      groups: Type.Array(Type.String(), { default: [] }),
      engine: Type.Union([Type.Literal('auto'), Type.Literal('native')], { default: 'auto' }),
      isolate: Type.Union([Type.Literal('auto'), Type.Boolean()], { default: 'auto' }),
      registers: Type.Array(Type.Union([Type.Literal(0), Type.Literal(7)]), { default: [] }),
      steps: Type.Array(Type.Union([Type.Object({}), Type.Object({})]), { default: [] }),
      broker: Type.Object({ url: Type.String(), tls: Type.Optional(Type.Object({ ca: Type.String() })) }),
      cameras: Type.Record(
        Type.String(),
        Type.Object({ fps: Type.Number({ default: 30, description: 'Pace' }) }),
      ),
    });
    expect(describeSettings(schema)).toEqual([
      'device: string (required) - Its name',
      'port: integer >= 1 <= 65535 (default 8080)',
      'rate: number >= 0 (optional)',
      'groups: list of string (default [])',
      'engine: "auto" | "native" (default "auto")',
      'isolate: "auto" | boolean (default "auto")',
      'registers: list of 0 | 7 (default [])',
      'steps: list of object (default [])',
      'broker.url: string (required)',
      'broker.tls.ca: string (required)',
      'cameras.<name>.fps: number (default 30) - Pace',
    ]);
  });
});
