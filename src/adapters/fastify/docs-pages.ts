import { existsSync } from 'node:fs';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Colours of code in pages are style attributes; scripts are files of their own. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The documentation of this version at `/docs/`; `folder`: where `npm run docs` built it. */
export async function addDocs(app: FastifyInstance, folder: string | undefined): Promise<void> {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) {
    app.get('/docs/*', { schema: { hide: true } }, (_request, reply) =>
      reply
        .code(404)
        .type('text/plain')
        .send(
          'The documentation is not built. Run npm run docs; its pages are in the folder docs of the repository.\n',
        ),
    );
    return;
  }
  app.get('/docs', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs/'));
  await app.register(
    async (scope) => {
      scope.addHook('onSend', async (_request, reply) => {
        reply.header('content-security-policy', policy);
      });
      await scope.register(staticFiles, {
        root: folder,
        decorateReply: false,
        index: ['index.html'],
        preCompressed: true,
      });
      scope.setNotFoundHandler((_request, reply) =>
        reply.code(404).type('text/plain').send('This page does not exist. The contents: /docs/\n'),
      );
    },
    { prefix: '/docs' },
  );
}
