export {
  Accuracy,
  BundleFile,
  DecoderName,
  Digest,
  InputContract,
  Manifest,
  OutputContract,
  Variant,
  VariantKind,
} from './manifest.ts';
