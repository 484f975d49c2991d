export { checkRules } from './check-rules.ts';
export { RuleCounter, type RulesFrame } from './rule-counter.ts';
export type { LineCounts, LineEvent, RuleEvent, RulesResult, ZoneCounts, ZoneEvent } from './rule-event.ts';
export {
  type Anchor,
  anchors,
  type CameraRules,
  type Direction,
  hasRules,
  type LineSettings,
  maxRules,
  noRules,
  type Point,
  ruleDefaults,
  type ZoneSettings,
} from './rule-settings.ts';
export { rulesProblem } from './rules-problem.ts';
export { type RuleShape, ruleEventWords, ruleShapes, rulesJson } from './words.ts';
export { ZoneArea } from './zone-area.ts';
