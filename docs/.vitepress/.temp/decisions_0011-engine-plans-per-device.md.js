import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"An engine plan is never part of a bundle, and a cached one is never trusted","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0011-engine-plans-per-device.md","filePath":"decisions/0011-engine-plans-per-device.md"}');
const _sfc_main = { name: "decisions/0011-engine-plans-per-device.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="an-engine-plan-is-never-part-of-a-bundle-and-a-cached-one-is-never-trusted" tabindex="-1">An engine plan is never part of a bundle, and a cached one is never trusted <a class="header-anchor" href="#an-engine-plan-is-never-part-of-a-bundle-and-a-cached-one-is-never-trusted" aria-label="Permalink to &quot;An engine plan is never part of a bundle, and a cached one is never trusted&quot;">​</a></h1><p>Area: engines. Commit: <code>28c1f4d</code>.</p><p><strong>Context.</strong> A TensorRT plan fits one board, driver and version. A plan that is torn or of another board can crash the process that reads it.</p><p><strong>Decision.</strong> Each device builds its own. The key of an entry is a hash over model, precision, profile, workspace, versions, driver, GPU and board. Before a plan is read its manifest, size and sha256 are checked. What is damaged is built again once; what fails is quarantined until an order names the model anew. A new plan is held to the golden set and has a probation before it may serve from the first frame (4ee5969).</p><p><strong>Consequences.</strong> A bundle is the same for all boards, and a swapped GPU can&#39;t run an old plan. The first start with a new model takes minutes; another engine serves meanwhile.</p><p><strong>Tried and measured.</strong> Torn, refused, slow and failing builds, and a plan that computes something else, run through the real agent (<code>test/integration/engine-life.test.ts</code>), with the reference plugin in place of TensorRT.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0011-engine-plans-per-device.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0011EnginePlansPerDevice = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0011EnginePlansPerDevice as default
};
