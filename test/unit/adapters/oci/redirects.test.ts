import { beforeEach, describe, expect, it, vi } from 'vitest';
import { send } from '../../../../src/adapters/oci/http.ts';
import { RegistryHttp } from '../../../../src/adapters/oci/registry-http.ts';

vi.mock('../../../../src/adapters/oci/http.ts', () => ({ send: vi.fn() }));

const answer = (status: number, headers: Readonly<Record<string, string>> = {}) => ({
  ...{ ok: status < 300, status, body: null },
  header: (name: string) => headers[name],
  end: async () => {},
});

describe('A registry that sends a client elsewhere', () => {
  beforeEach(() => void vi.mocked(send).mockReset());

  it.each([
    ['https://registry.example', 'http://bytes.example/blob', 'registry-redirect'],
    ['https://registry.example', 'https://bytes.example/blob', undefined],
    ['http://registry.example', 'http://bytes.example/blob', undefined],
    ['http://registry.example', 'https://bytes.example/blob', undefined],
  ])('from %s to %s is followed unless TLS would end', async (url, location, code) => {
    vi.mocked(send).mockResolvedValueOnce(answer(307, { location })).mockResolvedValueOnce(answer(200));
    const signal = new AbortController().signal;
    const sent = new RegistryHttp({ url }).send(`${url}/v2/`, { scope: 's', signal });
    if (code === undefined) expect((await sent).status).toBe(200);
    else await expect(sent).rejects.toMatchObject({ code });
    expect(vi.mocked(send).mock.calls.map(([to]) => to)).toEqual(
      code === undefined ? [`${url}/v2/`, location] : [`${url}/v2/`],
    );
  });
});
