import type { EncryptedBundle } from '../../workbench/index.ts';
import type { Output } from '../output.ts';

export function printEncrypted(
  out: Output,
  { digest, folder, devices, files, newKey }: EncryptedBundle,
): void {
  out.line(`Encrypted ${files.join(', ')} for ${devices.join(', ')}`);
  out.line(`  digest    ${digest} (as before)`);
  out.line(`  written   ${folder}`);
  if (newKey) out.note('The key file is new. It opens the bundle: keep it secret and offline.');
  out.value({ ok: true, digest, bundle: folder, devices, files, newKey });
}
