import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Over a fleet, false discoveries are held down per window, by Benjamini and Hochberg","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0024-false-discoveries-per-window.md","filePath":"decisions/0024-false-discoveries-per-window.md"}');
const _sfc_main = { name: "decisions/0024-false-discoveries-per-window.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="over-a-fleet-false-discoveries-are-held-down-per-window-by-benjamini-and-hochberg" tabindex="-1">Over a fleet, false discoveries are held down per window, by Benjamini and Hochberg <a class="header-anchor" href="#over-a-fleet-false-discoveries-are-held-down-per-window-by-benjamini-and-hochberg" aria-label="Permalink to &quot;Over a fleet, false discoveries are held down per window, by Benjamini and Hochberg&quot;">​</a></h1><p>Area: controller. Commit: <code>7259568</code>.</p><p><strong>Context.</strong> One false alarm per camera in 30 days is bearable; a thousand cameras give 33 a day, and people stop looking.</p><p><strong>Decision.</strong> In each window the controller believes as many alarms as keep the share of false ones at 10 % (Benjamini and Hochberg 1995), and says which it does not believe. Whose alarm it is (camera, device, group, model, everyone) comes from a binomial test of the cohorts.</p><p><strong>Consequences.</strong> An alarm that is not believed is shown and rings nobody. The family is every camera that is judged in the window, so the list of cameras has to be whole: nothing is judged by half a fleet.</p><p><strong>Tried and measured.</strong> Online rules (LORD, SAFFRON) were considered: in a healthy fleet their level is near zero by the first fault. <code>false-discovery.ts</code> has the argument.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0024-false-discoveries-per-window.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0024FalseDiscoveriesPerWindow = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0024FalseDiscoveriesPerWindow as default
};
