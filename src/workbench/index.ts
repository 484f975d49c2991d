/*
 * What an engineer does with a model. Each piece of work loads what it needs (engines, the image library) when it is
 * called.
 */
type Import = typeof import('./import/import-bundle.ts');
type Evaluate = typeof import('./evaluate/evaluate-bundle.ts');
type Optimize = typeof import('./optimize/optimize-bundle.ts');
type Budget = typeof import('./budget/budget-bundle.ts');
type Check = typeof import('./optimize/check-bundle.ts');
type Encrypt = typeof import('./encrypt/encrypt-bundle.ts');
type Merge = typeof import('./profile/merge-profiles.ts');
type Profile = typeof import('./profile/make-profile.ts');
type Push = typeof import('./artifact/push-model.ts');
type Pull = typeof import('./artifact/pull-model.ts');
type Export = typeof import('./artifact/export-model.ts');
type Load = typeof import('./artifact/load-model.ts');
type Serve = typeof import('./serve/serve-models.ts');
type Run = typeof import('./run/run-pipeline.ts');
type Keys = typeof import('./keys/key-files.ts');
type Repository = typeof import('./keys/repository.ts');
type TokenKey = typeof import('./keys/token-key.ts');
type SignModel = typeof import('./keys/sign-model.ts');
type CreateRelease = typeof import('./release/create-release.ts');
type Show = typeof import('./show/show-bundle.ts');
type MakeForms = typeof import('./transfer/make-forms.ts');
type BuildImage = typeof import('./image/build-image.ts');
type FlashImage = typeof import('./image/flash-image.ts');

/** What `--decoder` takes, and how measures of accuracy are written. */
export { familyNames as decoderNames, fitNames, type MeasureName, measureWords } from '../model/index.ts';
/** A result, and what zones and lines say, as people and other programs read it. */
export { ruleEventWords } from '../perception/index.ts';
export { resultMessage } from '../streams/index.ts';
export type { LoadOptions } from './artifact/load-model.ts';
export type { RegistryOptions } from './artifact/target.ts';
export type { BudgetOptions, BudgetReport } from './budget/budget-bundle.ts';
export type { EncryptedBundle, EncryptOptions } from './encrypt/encrypt-bundle.ts';
export type { EvaluateOptions, EvaluationReport } from './evaluate/evaluate-bundle.ts';
export type { BuiltImage } from './image/build-image.ts';
export type { Flashed, FlashOptions } from './image/flash-image.ts';
export type { BuildImageOptions } from './image/options.ts';
export type { ImportedBundle, ImportOptions } from './import/import-bundle.ts';
export type { KeyAccess } from './keys/key-files.ts';
export type { RepositoryView } from './keys/repository.ts';
export type { CheckOptions, CheckReport } from './optimize/check-bundle.ts';
export type { OptimizeEstimate, OptimizeOutcome } from './optimize/optimize-bundle.ts';
export type { OptimizeOptions } from './optimize/options.ts';
export type { OtherOrder } from './pictures/colour-order.ts';
export type { WorkPorts } from './ports.ts';
export type { CheckedProfile, MadeProfile } from './profile/make-profile.ts';
export type { RunFrame, RunOptions } from './run/options.ts';
export type { RunRules } from './run/rule-tally.ts';
export type { RunNode, RunSummary } from './run/tally.ts';
export type { ServedSummary, ServeOptions } from './serve/serve-models.ts';
export type { BundleDescription } from './show/show-bundle.ts';
export type { MadeForm, MakeFormsOptions } from './transfer/make-forms.ts';

export const budgetBundle: Budget['budgetBundle'] = async (...args) =>
  (await import('./budget/budget-bundle.ts')).budgetBundle(...args);
export const encryptBundle: Encrypt['encryptBundle'] = async (...args) =>
  (await import('./encrypt/encrypt-bundle.ts')).encryptBundle(...args);
export const importBundle: Import['importBundle'] = async (...args) =>
  (await import('./import/import-bundle.ts')).importBundle(...args);
export const evaluateBundle: Evaluate['evaluateBundle'] = async (...args) =>
  (await import('./evaluate/evaluate-bundle.ts')).evaluateBundle(...args);
export const optimizeBundle: Optimize['optimizeBundle'] = async (...args) =>
  (await import('./optimize/optimize-bundle.ts')).optimizeBundle(...args);
export const checkBundle: Check['checkBundle'] = async (...args) =>
  (await import('./optimize/check-bundle.ts')).checkBundle(...args);
export const checkProfile: Profile['checkProfile'] = async (...args) =>
  (await import('./profile/make-profile.ts')).checkProfile(...args);
export const mergeProfiles: Merge['mergeProfiles'] = async (...args) =>
  (await import('./profile/merge-profiles.ts')).mergeProfiles(...args);
export const makeProfile: Profile['makeProfile'] = async (...args) =>
  (await import('./profile/make-profile.ts')).makeProfile(...args);
export const pushModel: Push['pushModel'] = async (...args) =>
  (await import('./artifact/push-model.ts')).pushModel(...args);
export const pullModel: Pull['pullModel'] = async (...args) =>
  (await import('./artifact/pull-model.ts')).pullModel(...args);
export const exportModel: Export['exportModel'] = async (...args) =>
  (await import('./artifact/export-model.ts')).exportModel(...args);
export const loadModel: Load['loadModel'] = async (...args) =>
  (await import('./artifact/load-model.ts')).loadModel(...args);
export const serveModels: Serve['serveModels'] = async (...args) =>
  (await import('./serve/serve-models.ts')).serveModels(...args);
export const runPipeline: Run['runPipeline'] = async (...args) =>
  (await import('./run/run-pipeline.ts')).runPipeline(...args);
export const createKey: Keys['createKey'] = async (...args) =>
  (await import('./keys/key-files.ts')).createKey(...args);
export const nameTokenKey: TokenKey['nameTokenKey'] = async (...args) =>
  (await import('./keys/token-key.ts')).nameTokenKey(...args);
export const exportKey: Keys['exportKey'] = async (...args) =>
  (await import('./keys/key-files.ts')).exportKey(...args);
export const writePublicKey: Keys['writePublicKey'] = async (...args) =>
  (await import('./keys/key-files.ts')).writePublicKey(...args);
export const initRepository: Repository['initRepository'] = async (...args) =>
  (await import('./keys/repository.ts')).initRepository(...args);
export const showRepository: Repository['showRepository'] = async (...args) =>
  (await import('./keys/repository.ts')).showRepository(...args);
export const signRepository: Repository['signRepository'] = async (...args) =>
  (await import('./keys/repository.ts')).signRepository(...args);
export const rotateKeys: Repository['rotateKeys'] = async (...args) =>
  (await import('./keys/repository.ts')).rotateKeys(...args);
export const revokeKey: Repository['revokeKey'] = async (...args) =>
  (await import('./keys/repository.ts')).revokeKey(...args);
export const renewRepository: Repository['renewRepository'] = async (...args) =>
  (await import('./keys/repository.ts')).renewRepository(...args);
export const writeAnchor: Repository['writeAnchor'] = async (...args) =>
  (await import('./keys/repository.ts')).writeAnchor(...args);
export const publication: Repository['publication'] = async (...args) =>
  (await import('./keys/repository.ts')).publication(...args);
export const takePublished: Repository['takePublished'] = async (...args) =>
  (await import('./keys/repository.ts')).takePublished(...args);
export const signModel: SignModel['signModel'] = async (...args) =>
  (await import('./keys/sign-model.ts')).signModel(...args);
export const createRelease: CreateRelease['createRelease'] = async (...args) =>
  (await import('./release/create-release.ts')).createRelease(...args);
export const showBundle: Show['showBundle'] = async (...args) =>
  (await import('./show/show-bundle.ts')).showBundle(...args);
export const makeForms: MakeForms['makeForms'] = async (...args) =>
  (await import('./transfer/make-forms.ts')).makeForms(...args);
export const buildImage: BuildImage['buildImage'] = async (...args) =>
  (await import('./image/build-image.ts')).buildImage(...args);
export const flashImage: FlashImage['flashImage'] = async (...args) =>
  (await import('./image/flash-image.ts')).flashImage(...args);
export { boardNames as imageBoards } from '../image/index.ts';
