import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The letterbox asks for the next rows early, into the second-level cache","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0007-letterbox-prefetch.md","filePath":"decisions/0007-letterbox-prefetch.md"}');
const _sfc_main = { name: "decisions/0007-letterbox-prefetch.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-letterbox-asks-for-the-next-rows-early-into-the-second-level-cache" tabindex="-1">The letterbox asks for the next rows early, into the second-level cache <a class="header-anchor" href="#the-letterbox-asks-for-the-next-rows-early-into-the-second-level-cache" aria-label="Permalink to &quot;The letterbox asks for the next rows early, into the second-level cache&quot;">​</a></h1><p>Area: data plane. Commit: <code>12abd0c</code>.</p><p><strong>Context.</strong> A picture of 6 MB has left the caches when the next one comes. The letterbox reads few of its rows, with jumps that the prefetcher of the processor does not follow.</p><p><strong>Decision.</strong> It prefetches the two next rows while it computes this one, blends only the pixels that it samples, and fetches into the second-level cache.</p><p><strong>Consequences.</strong> The scalar, AVX2 and NEON kernels still give the same bits. The numbers belong to the processors at hand; on another one measure again before changing it: <code>npm run bench -- --only letterbox</code>.</p><p><strong>Tried and measured.</strong> 1.90 of a memcpy of the frame before, 0.66 after, then 0.54. Into the first-level cache it stood still, since that has few open requests: 0.26 to 0.29 ms against 0.15 to 0.17. Huge pages for pictures and tensors brought nothing (0.28 and 0.28 ms).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0007-letterbox-prefetch.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0007LetterboxPrefetch = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0007LetterboxPrefetch as default
};
