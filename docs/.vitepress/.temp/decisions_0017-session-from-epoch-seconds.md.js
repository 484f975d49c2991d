import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A session begins at the seconds since 1970","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0017-session-from-epoch-seconds.md","filePath":"decisions/0017-session-from-epoch-seconds.md"}');
const _sfc_main = { name: "decisions/0017-session-from-epoch-seconds.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-session-begins-at-the-seconds-since-1970" tabindex="-1">A session begins at the seconds since 1970 <a class="header-anchor" href="#a-session-begins-at-the-seconds-since-1970" aria-label="Permalink to &quot;A session begins at the seconds since 1970&quot;">​</a></h1><p>Area: wire. Commit: <code>9b29c56</code>.</p><p><strong>Context.</strong> A device counts its sessions up and keeps the number on disk. A device with a new disk would begin at 1 and be taken for older than what the fleet has seen.</p><p><strong>Decision.</strong> Without an old number the session begins at the wall clock&#39;s seconds; with one it grows by one per start.</p><p><strong>Consequences.</strong> Session numbers look odd and only grow. A device with a new disk and a clock that is years behind would count too low; its clock has to be right for TLS anyway. Don&#39;t &quot;tidy&quot; the first session to 1.</p><p><strong>Tried and measured.</strong> <code>agent-state.test.ts</code>, <code>device-agent.test.ts</code>: a first start, restarts, a damaged memory, a clock from before 1970.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0017-session-from-epoch-seconds.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0017SessionFromEpochSeconds = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0017SessionFromEpochSeconds as default
};
