export { clearConditions, conditionNames, type StreetConditions, withConditions } from './conditions.ts';
export { createStreet, type Street } from './street.ts';
export { type StreetTruth, streetLabels } from './truth.ts';
