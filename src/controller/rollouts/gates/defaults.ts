/** Defaults of a gate. */
export const gateDefaults = {
  falseAbort: 0.05,
  power: 0.8,
  settleMinutes: 5,
  leastBlocks: 3,
  looks: 3,
} as const;
