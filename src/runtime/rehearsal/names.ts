/** In the order in which they are rehearsed. */
export const recoveryNames = [
  'online-key',
  'owner-key',
  'owner-keys',
  'claim',
  'intermediate',
  'database',
  'broker',
] as const;
export type RecoveryName = (typeof recoveryNames)[number];
