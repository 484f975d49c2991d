export {
  Descriptor,
  type ImageIndex,
  type ImageManifest,
  maxArtifactBytes,
  maxDescriptors,
} from './artifact/descriptor.ts';
export {
  blobPath,
  indexFile,
  layoutFile,
  layoutIndex,
  layoutText,
  refNameAnnotation,
} from './artifact/layout.ts';
export {
  bundleManifestType,
  dockerListType,
  dockerManifestType,
  envelopeType,
  filepathAnnotation,
  imageIndexType,
  imageManifestType,
  modelArtifactType,
  modelConfigType,
  sealedType,
} from './artifact/media-types.ts';
export {
  isDigest,
  isRepositoryName,
  isTag,
  parseReference,
  type Reference,
  referrersTag,
  repositoryOf,
  tagOf,
} from './artifact/names.ts';
export {
  type DigestOf,
  type NamedBytes,
  type PackedBundle,
  packBundle,
  type SealedLayers,
} from './artifact/pack.ts';
export {
  type ArtifactManifest,
  annotationsOf,
  artifactTypeOf,
  neededBy,
  readArtifact,
  subjectOf,
} from './artifact/read-artifact.ts';
export { type Referrer, withReferrer } from './artifact/referrers.ts';
export {
  type Challenge,
  type IssuedToken,
  parseChallenge,
  parseTokenAnswer,
} from './artifact/registry-token.ts';
export {
  bundleLayerOf,
  checkBundleArtifact,
  envelopeLayerOf,
  maxBundleManifestBytes,
} from './artifact/unpack.ts';
export { type BudgetHeadroom, type Budgets, budgetHeadroom, budgetsFrom, mapBudgetFrom } from './budget.ts';
export { type Bundle, fileIn } from './bundle.ts';
export {
  type ContractOverrides,
  describeShape,
  losesBytes,
  type NetworkInfo,
  proposeContracts,
  type TensorInfo,
} from './contracts.ts';
export {
  type EngineVoucher,
  engineArtifactType,
  engineCertificateAnnotation,
  engineDeviceAnnotation,
  engineKeyAnnotation,
  enginePath,
  largestOffer,
  largestOfferHeader,
  offerHeader,
  offerIn,
  packEngine,
} from './engine/engine-artifact.ts';
export { type BuiltPlan, EngineCache, type EngineStore, type PlainPlan } from './engine/engine-cache.ts';
export { EngineFingerprint, encryptedPlan, mostWorkspaceBytes, workspaceSteps } from './engine/engine-key.ts';
export { EngineOffer, offerText, parseOffer } from './engine/engine-offer.ts';
export { EngineManifest, EngineState, isFetched } from './engine/engine-state.ts';
export { plansToEvict } from './engine/plan-eviction.ts';
export {
  decoderModulePath,
  type Family,
  families,
  familyNamed,
  familyNames,
  tensorFamily,
  type UnsupportedFamily,
  unsupportedFamily,
} from './families/index.ts';
export { type FitName, fitNames, fits } from './fit.ts';
export { describeForced, type ForcedVariant, forcedVariants } from './forced.ts';
export {
  agreement,
  answerDistance,
  compareGolden,
  type GoldenResult,
  goldenRules,
} from './golden/agreement.ts';
export {
  GoldenDetection,
  GoldenSet,
  type GoldenTruth,
  goldenPath,
  hasGoldenSet,
  hasTruth,
  isGolden,
  leastAgreement,
  leastMap,
  parseGoldenSet,
  requireGoldenSet,
} from './golden/golden-set.ts';
export {
  checkAccuracyBudget,
  checkAgreement,
  checkLatencyBudget,
  checkMemoryBudget,
} from './golden/verdict.ts';
export {
  cellsOf,
  type DepthKind,
  type Head,
  type HeadBoxes,
  type HeadOutput,
  type HeadScores,
  isFigure,
  ModelTask,
  mainOutputOf,
  rowsOfStride,
  type Transform,
  taskOf,
  tensorsOf,
} from './head.ts';
export { problemOfHead } from './head-check.ts';
export { dictionaryLines, dictionaryOf, namesOfMetadata, parseLabels } from './labels.ts';
export {
  BundleFile,
  ConstantInput,
  channelsOf,
  Digest,
  InputContract,
  Manifest,
  OutputContract,
  pictureSides,
  Variant,
  VariantKind,
} from './manifest.ts';
export { type MeasureName, measureWords } from './measure.ts';
export { bundledCameras, bundledProfile, bundledProfilePath, networkText } from './network.ts';
export { readOnnxHeader, refuseTooLarge } from './onnx-header.ts';
export { bundleFiles, formatManifest, parseAnyManifest, parseManifest } from './parse.ts';
export {
  type AnyManifest,
  isRelease,
  isSameKind,
  type ReleaseKind,
  ReleaseManifest,
  releaseName,
  releaseTask,
} from './release.ts';
export {
  type ArtifactDescriptor,
  baseAnnotation,
  blobAnnotation,
  deltaMediaType,
  emptyConfig,
  parseTransferManifest,
  type TransferForm,
  transferArtifactType,
  transferManifest,
  zstdMediaType,
} from './transfer/transfer-form.ts';
export { largestUnpacked, type WantedBlob, waysToFetch } from './transfer/ways.ts';
export { frameWithPrefix } from './transfer/zstd-frame.ts';
export { chooseVariant, type EngineName, mayRewritePairs, precisionOf, usualVariant } from './variant.ts';
