import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { defineConfig } from 'vitepress';
import { writePackages } from '../../deploy/checkout/build.mjs';
import { contents } from './contents.ts';

const root = join(import.meta.dirname, '..');
const outDir = join(root, '..', 'dist', 'docs');
const unsearched = new Set(
  contents
    .filter(({ evidence }) => evidence === true)
    .flatMap(({ pages }) => pages.map(([, page]) => `${page}.md`)),
);

/** Files of the bundles, of which those of packages bring a licence. */
const modules = new Set<string>();

/** `npm run docs`: the pages as a site below `/docs/` of a controller, which searches without a network. */
export default defineConfig({
  title: 'Goshawk',
  description: 'Perception on edge devices, and the fleet they belong to',
  lang: 'en',
  // The search index follows the order of pages: two builds are equal byte by byte.
  buildConcurrency: 1,
  base: '/docs/',
  outDir,
  cacheDir: join(root, '..', 'node_modules', '.goshawk', 'docs'),
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  // Nothing of a page is a tag: `<device>` is what it looks like.
  markdown: {
    html: false,
    config: (md) => {
      linkOutside(md);
      boxCode(md);
    },
  },
  vite: {
    logLevel: 'warn',
    build: { chunkSizeWarningLimit: 4000 },
    plugins: [
      {
        name: 'bundled-packages',
        generateBundle: (_options, bundle) => {
          for (const part of Object.values(bundle))
            if (part.type === 'chunk') for (const path of part.moduleIds) modules.add(path);
        },
      },
    ],
  },
  themeConfig: {
    siteTitle: 'Goshawk',
    sidebar: contents.map(({ title, pages }) => ({
      text: title,
      collapsed: false,
      items: pages.map(([text, page]) => ({ text, link: `/${page.replace(/index$/, '')}` })),
    })),
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        _render: async (source, env, md) => {
          const { relativePath } = env as { relativePath: string };
          if (unsearched.has(relativePath) || relativePath.startsWith('decisions/')) return '';
          return md.render(source, env);
        },
      },
    },
  },
  transformHtml: (html) => scriptsApart(html),
  buildEnd: () => {
    writePackages(outDir, [...modules]);
    for (const file of ['asyncapi.json', 'result.schema.json']) cpSync(join(root, file), join(outDir, file));
  },
});

/** The controller's pages run no inline script: each becomes a file of its own. */
function scriptsApart(html: string): string {
  return html.replace(/<script([^>]*)>([^<]+)<\/script>/g, (whole, attributes: string, code: string) => {
    if (/\bsrc=|application\/json/.test(attributes)) return whole;
    const name = `assets/inline.${createHash('sha256').update(code).digest('hex').slice(0, 12)}.js`;
    mkdirSync(join(outDir, 'assets'), { recursive: true });
    writeFileSync(join(outDir, name), code);
    return `<script${attributes} src="/docs/${name}"></script>`;
  });
}

interface LinkToken {
  attrs: [string, string][] | null;
  tag: string;
  type: string;
}
type Render = (
  tokens: LinkToken[],
  index: number,
  options: object,
  env: object,
  self: { renderToken: Render },
) => string;
interface Markdown {
  renderer: { rules: Record<string, Render | undefined> };
  core: {
    ruler: {
      push(name: string, rule: (state: { tokens: Block[]; env: { relativePath?: string } }) => void): void;
    };
  };
}
interface Block {
  type: string;
  children: LinkToken[] | null;
}

/** An indented block is shown like a fenced one: in a box that scrolls, with a button that copies it. */
function boxCode(md: unknown): void {
  (md as Markdown).core.ruler.push('box', ({ tokens }) => {
    for (const token of tokens)
      if (token.type === 'code_block') Object.assign(token, { type: 'fence', info: 'txt' });
  });
}

/** Pages that are files at the top of the repository: they are included, and name others as seen from there. */
const atTop: Readonly<Record<string, string>> = {
  '../SECURITY.md': 'security.md',
  '../CHANGELOG.md': 'release-notes.md',
};

/** A link to a file of the repository that is no page becomes plain text: the site has no such file. */
function linkOutside(md: unknown): void {
  (md as Markdown).core.ruler.push('outside', ({ tokens, env }) => {
    for (const { children } of tokens) {
      if (children === null) continue;
      let outside = 0;
      for (const token of children) {
        for (const attribute of token.attrs ?? []) {
          const [path = '', ...rest] = attribute[1].split(/(?=[#?])/);
          if (attribute[0] === 'href')
            attribute[1] = [atTop[path] ?? path.replace(/^docs\//, ''), ...rest].join('');
        }
        if (token.type === 'link_open' && isOutside(token, env.relativePath ?? '')) {
          outside++;
          token.tag = 'span';
          token.attrs = [];
        } else if (token.type === 'link_close' && outside > 0) {
          outside--;
          token.tag = 'span';
        }
      }
    }
  });
}

function isOutside({ attrs }: LinkToken, page: string): boolean {
  const target = attrs?.find(([name]) => name === 'href')?.[1] ?? '';
  if (/^(#|[a-z]+:|\/)/.test(target)) return false;
  const path = normalize(join(dirname(page), target.replace(/[#?].*$/, '')));
  return path.startsWith('..') || !/\.(md|html|json)$/.test(path);
}
