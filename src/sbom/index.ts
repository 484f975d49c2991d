export { Advisories, type Advisory, type Match, readAdvisory } from './advisory.ts';
export { type Bill, readBill, renderBill } from './bill.ts';
export {
  type BundledPart,
  bundledComponent,
  type Component,
  type DebianPackage,
  debianComponent,
  debianFormat,
  debianLicenses,
  modelComponent,
  npmComponent,
  parseDebianPackages,
  sha256,
} from './component.ts';
export { localBuilder, type PinnedInput, type Provenance, renderProvenance } from './provenance.ts';
