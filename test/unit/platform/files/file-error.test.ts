import { describe, expect, it } from 'vitest';
import { LimitError, MissingError, RefusedError } from '../../../../src/base/index.ts';
import { explainFileError } from '../../../../src/platform/index.ts';

describe('An error of the disk', () => {
  it.each([
    ['ENOENT', MissingError, 'file-missing'],
    ['EACCES', RefusedError, 'file-permission'],
    ['EROFS', RefusedError, 'file-read-only'],
    ['ENOSPC', LimitError, 'disk-full'],
    ['EDQUOT', LimitError, 'disk-full'],
  ])('%s is said in words with what to do', (code, family, expected) => {
    const error = explainFileError(Object.assign(new Error('x'), { code }), 'write the bundle', '/data/b');
    expect(error).toBeInstanceOf(family);
    expect(error.code).toBe(expected);
    expect(error.message).toMatch(/write the bundle.*\/data\/b/);
    expect(error.remedy).not.toBe('');
  });
});
