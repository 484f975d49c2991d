import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Evidence: targets","description":"","frontmatter":{},"headers":[],"relativePath":"evidence/targets.md","filePath":"evidence/targets.md"}');
const _sfc_main = { name: "evidence/targets.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="evidence-targets" tabindex="-1">Evidence: targets <a class="header-anchor" href="#evidence-targets" aria-label="Permalink to &quot;Evidence: targets&quot;">​</a></h1><p>Measurements behind <a href="./../targets.html">Hold a frame rate</a>, and what was not tried.</p><h2 id="steps-on-simulated-days" tabindex="-1">Steps on simulated days <a class="header-anchor" href="#steps-on-simulated-days" aria-label="Permalink to &quot;Steps on simulated days&quot;">​</a></h2><pre><code>npm run bench -- hot-day
</code></pre><p>A board in a box, as plain physics (<code>test/bench/targets/hot-day.ts</code>): it warms by its work and the air, and slows its clock above 85 °C. Two cameras of 30 frames/s, 15 promised, 120 ms; minutes of a day in which every promise was kept. &quot;Pace&quot; has the steps <code>pace</code> and <code>preview</code>; &quot;lighter&quot; has <code>slot</code> as a third step, with a model of 0.55 of the time.</p><pre><code>day                                                   without     pace  lighter   slowed minutes  steps
mild day, 18 to 30 °C                                 100.0 %  100.0 %  100.0 %        0 / 0 / 0    0 / 0 / 0
hot day, 26 to 48 °C                                  100.0 %  100.0 %  100.0 %      429 / 0 / 0    0 / 2 / 5
hottest day, 30 to 56 °C                               87.3 %   88.8 %  100.0 %    535 / 362 / 0    0 / 2 / 3
mild day, another program every hour for 20 minutes    65.0 %   65.0 %   95.0 %        0 / 0 / 0  0 / 48 / 72
</code></pre><p>It is a simulation: no board was heated, and how long a lighter model takes is a number of it.</p><h2 id="not-tried" tabindex="-1">Not tried <a class="header-anchor" href="#not-tried" aria-label="Permalink to &quot;Not tried&quot;">​</a></h2><ul><li>No board was slowed down by heat to try the lighter variant.</li><li>Which file is read where stands with its source in <code>test/fixtures/boards/</code> (an Orin with JetPack 6, a Thor with JetPack 7, laid out as owners and documents show them; <strong>no real board was read</strong>).</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("evidence/targets.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const targets = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  targets as default
};
