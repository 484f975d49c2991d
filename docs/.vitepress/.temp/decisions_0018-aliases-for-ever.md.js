import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"An alias of a metric keeps its meaning for ever","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0018-aliases-for-ever.md","filePath":"decisions/0018-aliases-for-ever.md"}');
const _sfc_main = { name: "decisions/0018-aliases-for-ever.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="an-alias-of-a-metric-keeps-its-meaning-for-ever" tabindex="-1">An alias of a metric keeps its meaning for ever <a class="header-anchor" href="#an-alias-of-a-metric-keeps-its-meaning-for-ever" aria-label="Permalink to &quot;An alias of a metric keeps its meaning for ever&quot;">​</a></h1><p>Area: wire. Commit: <code>59bc7b8</code>.</p><p><strong>Context.</strong> Names of metrics are sent once, in the birth; batches carry numbers. In Sparkplug B every birth may give them anew.</p><p><strong>Decision.</strong> The catalogue is kept on the device&#39;s disk and only grows; name and labels keep their alias over restarts.</p><p><strong>Consequences.</strong> A batch of an earlier session, which waited in the outbox for a week, can be read with the catalogue of today. The catalogue has room for 4096 lines; at a start a quarter of the room is freed, the oldest lines first.</p><p><strong>Tried and measured.</strong> A test keeps the aliases over a restart; what names in every batch would cost was not kept.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0018-aliases-for-ever.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0018AliasesForEver = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0018AliasesForEver as default
};
