/** What is wrong with a sensor. */
export const sensorFaults = [
  'frozen',
  'black',
  'overexposed',
  'blurred',
  'covered',
  'dirty',
  'noisy',
  'moved',
  'wrong-colour',
  'frame-rate-lost',
] as const;
export type SensorFault = (typeof sensorFaults)[number];

/** What changed in the scene. */
export const sceneChanges = ['darker', 'brighter', 'hazier', 'busier', 'emptier', 'unfamiliar'] as const;
export type SceneChange = (typeof sceneChanges)[number];

export type Verdict =
  | { readonly kind: 'sensor-fault'; readonly fault: SensorFault }
  | { readonly kind: 'scene-change'; readonly change: SceneChange }
  | { readonly kind: 'label-shift' }
  | { readonly kind: 'model-regression' };

/** `sensor-fault: frozen`; what people read. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'sensor-fault':
      return `sensor fault: ${verdict.fault.replaceAll('-', ' ')}`;
    case 'scene-change':
      return `scene change: ${verdict.change}`;
    case 'label-shift':
      return 'label shift';
    case 'model-regression':
      return 'model regression';
  }
}
