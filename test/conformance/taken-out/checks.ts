import { byteChecks } from './byte-checks.ts';
import { metadataChecks } from './metadata-checks.ts';
import { scopeChecks } from './scope-checks.ts';

/** All of them, with the tests of each, in a fixed order. */
export const allChecks = [...metadataChecks, ...byteChecks, ...scopeChecks].flatMap(({ checks, tests }) =>
  checks.map((check) => ({ check, tests })),
);
