export { checkRules } from './check-rules.ts';
export type { LineCounts, LineEvent, RuleEvent, RulesResult, ZoneCounts, ZoneEvent } from './rule-event.ts';
export { RuleCounter } from './rule-counter.ts';
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
