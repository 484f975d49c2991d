import { describe, expect, it } from 'vitest';
import { withoutNotice } from '../../../../deploy/package/bundled.ts';
import { licenseComplaints } from '../../../../deploy/package/copyright.ts';

const text = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: the authors of Goshawk
License: Apache-2.0

Files: usr/lib/*/node_modules/one/*
Copyright: one
License: MIT or ISC

License: Apache-2.0
 In /usr/share/common-licenses.

License: MIT
 Permission is hereby granted.

License: ISC
 Permission to use.`;
const library = 'usr/lib/goshawk-agent/node_modules/one/lib/one.so';

describe('The licences of a package', () => {
  it('are told where each library is in a stanza and each licence has its text', () => {
    expect(licenseComplaints([library], text)).toEqual([]);
  });

  it('are not told by the stanza for everything', () => {
    expect(licenseComplaints(['usr/lib/goshawk-agent/bin/node'], text)).toEqual([
      'usr/lib/goshawk-agent/bin/node is in no stanza of the file copyright',
    ]);
  });

  it('are not told by a name without a text', () => {
    expect(
      licenseComplaints([library], text.replace('License: ISC\n Permission', 'Comment: Permission')),
    ).toEqual(['The licence ISC has no text']);
  });

  it('name a library that a newer libvips holds', () => {
    const parts = ['cairo', 'jxl'].map((name) => ({ name, version: '1', license: '', purl: '' }));
    expect(withoutNotice(parts, 'a table\n\n== cairo\n\nMIT')).toEqual(['jxl']);
  });
});
