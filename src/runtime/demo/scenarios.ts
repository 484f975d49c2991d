import { conditionNames } from '../../simulation/index.ts';

/** What may happen to the second device's camera. */
export const demoScenarios: readonly string[] = conditionNames;
