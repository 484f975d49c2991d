// Around: no package: what L4T's kernel, UEFI and nvbootctrl show of a Jetson
export {
  type DiskFacts,
  type EspFacts,
  type EsrtFacts,
  type PowerSupply,
  type Slot,
  type SlotStatus,
  type SlotTable,
  slots,
  type TegraFacts,
} from './facts.ts';
export { checkOta, type OtaPlace } from './ota/check-ota.ts';
export type { OtaVerdict } from './ota/decide.ts';
export { readTegra, type TegraPlace } from './probe.ts';
export { TegraSensors } from './sensors.ts';
