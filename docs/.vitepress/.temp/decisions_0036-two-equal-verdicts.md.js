import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"An alarm waits for two equal verdicts in a row, and for nothing else","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0036-two-equal-verdicts.md","filePath":"decisions/0036-two-equal-verdicts.md"}');
const _sfc_main = { name: "decisions/0036-two-equal-verdicts.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="an-alarm-waits-for-two-equal-verdicts-in-a-row-and-for-nothing-else" tabindex="-1">An alarm waits for two equal verdicts in a row, and for nothing else <a class="header-anchor" href="#an-alarm-waits-for-two-equal-verdicts-in-a-row-and-for-nothing-else" aria-label="Permalink to &quot;An alarm waits for two equal verdicts in a row, and for nothing else&quot;">​</a></h1><p>Area: drift. Commit: <code>7bd09aa</code>.</p><p><strong>Context.</strong> A flash or one garbled frame should be nothing. Before, two of three seconds had to cross, and then two verdicts had to be equal.</p><p><strong>Decision.</strong> Values are clipped at 12 deviations, so that no single second crosses by itself, which the first wait asked for once more; then two windows of a second with the same verdict. After a flash the seconds that follow are not judged (a5a3f68).</p><p><strong>Consequences.</strong> Everything is found a second sooner. Page-Hinkley is still a second faster on black and overexposed pictures, because it alarms after one wild second.</p><p><strong>Tried and measured.</strong> Table of delays in docs/drift.md. The seconds of a baseline count from the end of the second too, as ours do.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0036-two-equal-verdicts.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0036TwoEqualVerdicts = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0036TwoEqualVerdicts as default
};
