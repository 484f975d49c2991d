import { Type } from '@sinclair/typebox';

export const TrustSettings = Type.Object(
  {
    mode: Type.Union([Type.Literal('required'), Type.Literal('throw-away'), Type.Literal('insecure')], {
      default: 'required',
      description:
        'required: with a root, the device runs only models that the owner signed; without one it warns that it is unsigned. throw-away: the same with keys of a demonstration. insecure: for a laboratory, signatures are not checked; the log, the device report and the dashboard show a warning',
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
        'Action when the owner withdraws a model that runs: warn: it continues. fall-back: the previous model serves if it may run, otherwise none. stop: no model serves. The device reports it in each case',
    }),
    stale: Type.Union([Type.Literal('warn'), Type.Literal('stop')], {
      default: 'warn',
      description:
        'Action while signed metadata has expired, as after a week without the controller: warn: models continue. stop: none serves until the metadata is fetched again',
    }),
    refreshMinutes: Type.Integer({
      minimum: 1,
      maximum: 1440,
      default: 60,
      description: 'Time between two fetches of signed metadata, beside those at every order and start',
    }),
    url: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: 'Address of the signed metadata; default: the controller that enrolled the device',
      }),
    ),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Models that may run on this device, and the orders that it follows',
  },
);
