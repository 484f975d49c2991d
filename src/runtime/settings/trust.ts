import { Type } from '@sinclair/typebox';

export const TrustSettings = Type.Object(
  {
    mode: Type.Union([Type.Literal('required'), Type.Literal('throw-away'), Type.Literal('insecure')], {
      default: 'required',
      description:
        'required: with a root, only what its owner signed runs, and without one the device says that it is unsigned. throw-away: the same with keys of a demonstration. insecure: for a laboratory, nothing is asked for and it is said everywhere',
    }),
    rootFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The roots of the fleet, as `goshawk keys anchor` writes them; default: those that came with the membership',
      }),
    ),
    url: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: 'Where signed metadata is published; default: the controller that let the device in',
      }),
    ),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Which models may run on this device and whose orders it follows',
  },
);
