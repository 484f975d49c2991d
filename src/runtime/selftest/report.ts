import { type Static, Type } from '@sinclair/typebox';
import { defined } from '../../base/index.ts';
import { type Identity, redact, redactRemedy } from './redact.ts';
import { type Trial, trialGroups } from './trial.ts';

const Text = Type.String({ maxLength: 1000 });
const only = { additionalProperties: false } as const;

/** What `goshawk selftest --report` writes: to be sent to us or kept beside a board, so nothing in it is a secret. */
export const SelftestReport = Type.Object(
  {
    schema: Type.Literal(1),
    goshawk: Text,
    node: Text,
    date: Type.String({ description: 'RFC 3339, UTC; the day alone' }),
    board: Type.Object(
      {
        name: Text,
        arch: Text,
        os: Text,
        cores: Type.Integer({ minimum: 1 }),
        memoryBytes: Type.Number({ minimum: 0 }),
        powerMode: Type.Optional(Text),
        l4t: Type.Optional(Text),
      },
      only,
    ),
    seconds: Type.Number({ minimum: 0, description: 'That it took' }),
    trials: Type.Array(
      Type.Object(
        {
          group: Type.Union(trialGroups.map((group) => Type.Literal(group))),
          name: Text,
          state: Type.Union(
            (['works', 'absent', 'fails', 'untried'] as const).map((state) => Type.Literal(state)),
          ),
          detail: Text,
          remedy: Type.Optional(Text),
          figures: Type.Optional(Type.Record(Text, Type.Number())),
          log: Type.Optional(
            Type.Array(Text, { maxItems: 500, description: 'Log of the part that was tried' }),
          ),
        },
        only,
      ),
    ),
  },
  only,
);
export type SelftestReport = Static<typeof SelftestReport>;

/** The same without names, addresses and secrets; figures with three digits after the point. */
export function publishable(report: SelftestReport, identity: Identity): SelftestReport {
  const clean = (text: string) => redact(text, identity).slice(0, 1000);
  const remedyOf = (text: string) => redactRemedy(text, identity).slice(0, 1000);
  const { name, os, ...board } = report.board;
  return {
    ...report,
    board: { ...board, name: clean(name), os: clean(os) },
    trials: report.trials.map((trial) => cleanTrial(trial, clean, remedyOf)),
  };
}

function cleanTrial(
  trial: Trial,
  clean: (text: string) => string,
  remedyOf: (text: string) => string,
): SelftestReport['trials'][number] {
  const { group, state, remedy, figures, log } = trial;
  return {
    group,
    name: clean(trial.name),
    state,
    detail: clean(trial.detail),
    ...defined({ log: log?.map(clean) }),
    ...(remedy === undefined ? {} : { remedy: remedyOf(remedy) }),
    ...(figures === undefined
      ? {}
      : {
          figures: Object.fromEntries(
            Object.entries(figures).map(([key, value]) => [clean(key), Math.round(value * 1000) / 1000]),
          ),
        }),
  };
}
