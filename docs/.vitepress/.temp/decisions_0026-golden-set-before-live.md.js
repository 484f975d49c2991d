import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A device holds a model to its golden set and budgets before it goes live","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0026-golden-set-before-live.md","filePath":"decisions/0026-golden-set-before-live.md"}');
const _sfc_main = { name: "decisions/0026-golden-set-before-live.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-device-holds-a-model-to-its-golden-set-and-budgets-before-it-goes-live" tabindex="-1">A device holds a model to its golden set and budgets before it goes live <a class="header-anchor" href="#a-device-holds-a-model-to-its-golden-set-and-budgets-before-it-goes-live" aria-label="Permalink to &quot;A device holds a model to its golden set and budgets before it goes live&quot;">​</a></h1><p>Area: models. Commit: <code>9451812</code>.</p><p><strong>Context.</strong> A bundle that is right on the machine where it was made can be wrong or too slow on a board: another engine, another precision, less memory.</p><p><strong>Decision.</strong> Between download and swap the device runs the golden frames and compares with the answers in the bundle, measures latency and memory (and mAP, where the golden set has truth), and refuses what falls below. While it serves, one golden frame goes through the live engine every ten minutes; if that falls below, the whole set is asked before anybody is told.</p><p><strong>Consequences.</strong> A wrong engine never serves a frame that somebody acts on. A deployment takes longer by that. The threshold is per variant: what was measured when it was made, less 0.05.</p><p><strong>Tried and measured.</strong> <code>deployer.test.ts</code>, <code>golden-answers.test.ts</code>, and an agent with an engine that computes something else.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0026-golden-set-before-live.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0026GoldenSetBeforeLive = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0026GoldenSetBeforeLive as default
};
