import { type Static, Type } from '@sinclair/typebox';

export const ErrorBody = Type.Object(
  {
    code: Type.String({ description: 'Stable name of the error; docs/errors.md lists them' }),
    message: Type.String({ description: 'Cause of the error, for people' }),
    remedy: Type.String({ description: 'Remedy, for people' }),
  },
  { description: 'Body of every answer with a status of 400 or above' },
);
export type ErrorBody = Static<typeof ErrorBody>;
