import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RegistryHttp } from '../../../../src/adapters/oci/registry-http.ts';

describe('A registry that sends a client elsewhere', () => {
  const asked = vi.fn<typeof fetch>();
  beforeEach(() => {
    asked.mockReset();
    vi.spyOn(globalThis, 'fetch').mockImplementation(asked);
  });
  afterEach(() => void vi.restoreAllMocks());

  it.each([
    ['https://registry.example', 'http://bytes.example/blob', 'registry-redirect'],
    ['https://registry.example', 'https://bytes.example/blob', undefined],
    ['http://registry.example', 'http://bytes.example/blob', undefined],
    ['http://registry.example', 'https://bytes.example/blob', undefined],
  ])('from %s to %s is followed unless TLS would end', async (url, location, code) => {
    asked
      .mockResolvedValueOnce(new Response(null, { status: 307, headers: { location } }))
      .mockResolvedValueOnce(new Response());
    const signal = new AbortController().signal;
    const sent = new RegistryHttp({ url }).send(`${url}/v2/`, { scope: 's', signal });
    if (code === undefined) expect((await sent).status).toBe(200);
    else await expect(sent).rejects.toMatchObject({ code });
    expect(asked.mock.calls.map(([to]) => to)).toEqual(
      code === undefined ? [`${url}/v2/`, location] : [`${url}/v2/`],
    );
  });
});
