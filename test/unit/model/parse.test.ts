import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import { fitNames, formatManifest, type Manifest, parseManifest } from '../../../src/model/index.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';

function complaint(change: (manifest: Record<string, unknown>) => void): InputError {
  const value = JSON.parse(formatManifest(tinyManifest())) as Record<string, unknown>;
  change(value);
  try {
    parseManifest(JSON.stringify(value), 'bundle/manifest.json');
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  return expect.unreachable('it should have been refused');
}

describe('The manifest of a bundle', () => {
  it('comes back from its text as it was', () => {
    expect(parseManifest(formatManifest(tinyManifest()), 'm')).toEqual(tinyManifest());
  });

  it('names the field, the found value and the right ones', () => {
    const error = complaint((manifest) => {
      (manifest.variants as { file: { size: unknown } }[])[0]!.file.size = 'big';
    });
    expect(error.message).toMatch(
      /bundle\/manifest\.json: variants\[0\]\.file\.size is "big"; expected integer/,
    );
    expect(error.remedy).toContain('goshawk model import');
  });

  it('lists the choices of a field that has few', () => {
    const error = complaint((manifest) => {
      (manifest.input as { fit: string }).fit = 'crop';
    });
    expect(error.message).toContain(`input.fit is "crop"; it must be one of ${fitNames.join(', ')}`);
  });

  it('names missing and unknown fields', () => {
    expect(complaint((manifest) => delete manifest.labels).message).toMatch(/labels is missing/);
    expect(complaint((manifest) => Object.assign(manifest, { lables: [] })).message).toMatch(/lables/);
  });

  it('asks for a newer Goshawk where the schema is newer', () => {
    const error = complaint((manifest) => Object.assign(manifest, { schema: 2 }));
    expect(error.code).toBe('manifest-schema');
  });

  it.each(['../outside.onnx', 'a/../../b', './fp32.onnx', '/etc/passwd', 'a\\b', 'manifest.json'])(
    'refuses the path %s',
    (path) => {
      const error = complaint((manifest) => {
        (manifest.variants as { file: { path: string } }[])[0]!.file.path = path;
      });
      expect(error.code).toMatch(/^manifest-(path|field)$/);
    },
  );

  it('refuses a variant or a file that is named twice', () => {
    const [variant] = tinyManifest().variants as [Manifest['variants'][number]];
    const twice = complaint((manifest) => Object.assign(manifest, { variants: [variant, variant] }));
    expect(twice.message).toMatch(/twice/);
    const kinds = complaint((manifest) =>
      Object.assign(manifest, {
        variants: [variant, { ...variant, file: { ...variant.file, path: 'other.onnx' } }],
      }),
    );
    expect(kinds.code).toBe('manifest-variants');
  });

  it('never throws anything but an InputError, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseManifest(text, 'm');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
