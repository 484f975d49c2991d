import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"The network's file says how many pictures it takes in one run, and the manifest does not","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0067-the-file-says-its-batch.md","filePath":"decisions/0067-the-file-says-its-batch.md"}`);
const _sfc_main = { name: "decisions/0067-the-file-says-its-batch.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-network-s-file-says-how-many-pictures-it-takes-in-one-run-and-the-manifest-does-not" tabindex="-1">The network&#39;s file says how many pictures it takes in one run, and the manifest does not <a class="header-anchor" href="#the-network-s-file-says-how-many-pictures-it-takes-in-one-run-and-the-manifest-does-not" aria-label="Permalink to &quot;The network&#39;s file says how many pictures it takes in one run, and the manifest does not&quot;">​</a></h1><p>Area: optimization. Commit: <code>a4659c2a</code>.</p><p><strong>Context.</strong> Frames of several cameras may share a run where the first dimension of the network is free. Somebody has to say so to the device.</p><p><strong>Decision.</strong> The device reads it from the loaded network. The manifest has no field for it: an older agent, which refuses fields that it does not know, would refuse every new bundle, and two places could contradict each other. <code>model import</code> leaves a file as it is unless <code>--batch</code> asks for more; <code>model optimize</code>, which writes files anew, frees what it may. That pictures do not meet is proved on the graph (<code>src/optimize/passes/batch.ts</code>) and then tried: four drawn pictures alone and together must agree within 2 % of the largest number of each output. onnxruntime-node collects frames to runs as the native engine does: a setting that acts with one engine and not with the other would surprise.</p><p><strong>Consequences.</strong> A fixed number above one is refused as before: a device with one camera would compute the others for nothing. Optimizing and importing take some seconds more.</p><p><strong>Tried and measured.</strong> The proof alone was enough for all networks that were at hand; the trial is for an engine that does otherwise than the graph says (<code>test/integration/optimize/batch.test.ts</code>, <code>test/integration/camera-batches.test.ts</code>). On a processor four at once gain little: docs/pipelines.md.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0067-the-file-says-its-batch.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0067TheFileSaysItsBatch = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0067TheFileSaysItsBatch as default
};
