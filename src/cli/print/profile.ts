import { latencyWords } from '../../base/index.ts';
import type { CheckedProfile, MadeProfile } from '../../workbench/index.ts';
import type { Output } from '../output.ts';

export function printChecked(out: Output, profile: CheckedProfile): void {
  const { path, digest, modelDigest, model, version } = profile;
  out.line(`${path} belongs to ${model} ${version}; digest ${digest}.`);
  printHolder(out, profile);
  out.value({ ok: true, path, digest, modelDigest, ...holder(profile) });
}

function printHolder(out: Output, { bundle }: CheckedProfile): void {
  if (bundle !== undefined)
    out.line(`It is inside of the bundle ${bundle.location}, whose digest is ${bundle.digest}.`);
}

function holder({ bundle }: CheckedProfile) {
  return bundle === undefined ? {} : { bundle: bundle.location, bundleDigest: bundle.digest };
}

export function printMade(out: Output, camera: string, profile: MadeProfile): void {
  const { path, digest, modelDigest, seconds, mutedRules } = profile;
  out.line(`Profile of camera ${camera} with ${profile.model} ${profile.version}`);
  out.line(`  learned from  ${latencyWords(seconds * 1000)}, ${profile.framesPerSecond.toFixed(1)} frames/s`);
  out.line(`  times of day  ${profile.timesOfDay} of ${profile.timesWanted}`);
  if (mutedRules.length > 0) {
    out.warn(`The camera was ${mutedRules.join(', ')} for a minute or more; these rules are muted for it.`);
  }
  for (const sentence of profile.shortcomings) out.warn(sentence);
  out.line(`  digest        ${digest}`);
  out.line(`  written to    ${path}`);
  printHolder(out, profile);
  out.value({
    ...{ ok: true, path, digest, modelDigest, seconds, timesOfDay: profile.timesOfDay, mutedRules },
    shortcomings: profile.shortcomings,
    ...holder(profile),
  });
}
