export {
  type ConditionName,
  clearConditions,
  conditionNames,
  type StreetConditions,
  withConditions,
} from './conditions.ts';
export { createStreet, type Street, type StreetOptions, type StreetPicture } from './street.ts';
export { type StreetLabel, type StreetTruth, streetLabels } from './truth.ts';
