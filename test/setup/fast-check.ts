import fc from 'fast-check';

// What tests get as fast-check (vitest.config.ts). `npm test` tries the same cases each time: what a change did not break,
// chance does not either. Others are for `npm test -- properties`. A seed that a property gives itself goes first.
const { GOSHAWK_SEED: seed = '1' } = process.env;
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });

export * from 'fast-check';
export default fc;
