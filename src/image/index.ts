export { type AptFile, mirrorLines } from './apt-sources.ts';
export {
  type BlockMap,
  limitOfMap,
  type MappedRange,
  parseBlockMap,
  pieces,
  renderBlockMap,
} from './bmap.ts';
export { type Board, boardNames, boardOf, boards, compatibleOf } from './board.ts';
export { type BootFacts, judgeBoot, type Slot, slotOf, type Verdict } from './confirm.ts';
export {
  boardSettings,
  type FirstBoot,
  iwdFile,
  iwdFileName,
  type Wireless,
  wirelessComplaint,
} from './first-boot.ts';
export {
  efiBytes,
  type Layout,
  labels,
  layoutOf,
  leastDataBytes,
  type Partition,
  roundUp,
  sectorBytes,
  sfdiskScript,
  uuidFrom,
} from './layout.ts';
export { markIn, markOffset, markPlaces, markText } from './marks.ts';
export { buildPrograms, firstChoices, systemPackages } from './packages.ts';
export { type PartitionTable, readPartitionTable, tableBytes } from './partition-table.ts';
export {
  type MissingPart,
  missingParts,
  type PartName,
  type SettingsOfParts,
  type TriedParts,
} from './parts-needed.ts';
export { raucManifest, raucSystem } from './rauc.ts';
export { forbiddenPath, holdsPrivateKey, isMachineId, lookedIntoBytes } from './secrets.ts';
export { environmentBlock, firstSlots } from './slots.ts';
export { authorizedKeys, readSshKeys, type SshKey } from './ssh-keys.ts';
export { type BlockDevice, type Refusal, refusalOf, type Wanted } from './target.ts';
