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
    withdrawn: Type.Union([Type.Literal('warn'), Type.Literal('fall-back'), Type.Literal('stop')], {
      default: 'fall-back',
      description:
        'What becomes of a model that runs and that its owner withdrew: warn: it goes on. fall-back: the model before it serves in its place, where that may run, else none. stop: no model serves. It is told in each case',
    }),
    stale: Type.Union([Type.Literal('warn'), Type.Literal('stop')], {
      default: 'warn',
      description:
        'What becomes of models while signed metadata has expired, as after a week without the controller: warn: they go on. stop: none serves until it was fetched again',
    }),
    refreshMinutes: Type.Integer({
      minimum: 1,
      maximum: 1440,
      default: 60,
      description: 'How often signed metadata is fetched, beside every order and every start',
    }),
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
