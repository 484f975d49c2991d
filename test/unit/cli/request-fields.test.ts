import { describe, expect, it } from 'vitest';
import { requestFields } from '../../../src/cli/fleet/request-fields.ts';

describe('--with of robot call', () => {
  it('is a JSON object', () => {
    expect(requestFields('{"station": 3, "at": {"x": 1}}')).toEqual({ station: 3, at: { x: 1 } });
  });

  it.each(['', 'station=3', '3', 'null', '[1]', '"text"', '{"a": 1'])('is not %j', (text) => {
    expect(() => requestFields(text)).toThrow(expect.objectContaining({ code: 'robot-request-json' }));
  });
});
