import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Samples are stored in blocks, not as a row per value","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0023-samples-in-blocks.md","filePath":"decisions/0023-samples-in-blocks.md"}');
const _sfc_main = { name: "decisions/0023-samples-in-blocks.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="samples-are-stored-in-blocks-not-as-a-row-per-value" tabindex="-1">Samples are stored in blocks, not as a row per value <a class="header-anchor" href="#samples-are-stored-in-blocks-not-as-a-row-per-value" aria-label="Permalink to &quot;Samples are stored in blocks, not as a row per value&quot;">​</a></h1><p>Area: controller. Commit: <code>b37b563</code>.</p><p><strong>Context.</strong> A thousand devices with sixty metrics every ten seconds are 6,000 values a second. A row per value, with an index, is what SQLite is slow at.</p><p><strong>Decision.</strong> Samples of one batch are one block; roll-ups of all series of a device in one minute or hour are one block. Series are integers, values are deltas or doubles, and each series can be skipped.</p><p><strong>Consequences.</strong> There is one writer thread, and one that reads. Ad-hoc SQL over values is not possible; the HTTP API is the way. The format has a version number, and a released step of the schema is never changed.</p><p><strong>Tried and measured.</strong> A row per value would cost 35 times the time.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0023-samples-in-blocks.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0023SamplesInBlocks = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0023SamplesInBlocks as default
};
