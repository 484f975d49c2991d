import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Cameras share the networks; there is no worker per camera","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0005-no-worker-per-camera.md","filePath":"decisions/0005-no-worker-per-camera.md"}');
const _sfc_main = { name: "decisions/0005-no-worker-per-camera.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="cameras-share-the-networks-there-is-no-worker-per-camera" tabindex="-1">Cameras share the networks; there is no worker per camera <a class="header-anchor" href="#cameras-share-the-networks-there-is-no-worker-per-camera" aria-label="Permalink to &quot;Cameras share the networks; there is no worker per camera&quot;">​</a></h1><p>Area: data plane. Commit: <code>38d4643</code>.</p><p><strong>Context.</strong> The simple way to serve four cameras is four threads with a network each, and many scripts do so.</p><p><strong>Decision.</strong> All cameras of an agent go through one scheduler to one detector with as many slots as there are cores or engine contexts. A camera is a <code>CameraStream</code> with its own settings, tracker and counts, and no thread.</p><p><strong>Consequences.</strong> The model is in memory once per slot and not once per camera; a camera that stops frees its share at once; swapping a model is one exchange of the detector between two frames. A frame that never comes back holds a slot of all cameras: <code>stuck</code> tells when none is left.</p><p><strong>Tried and measured.</strong> Four cameras, two cores: two shared slots 89.6 frames per second of CPU and p99 17.3 ms; one slot on both cores 55.5 and 45.4. A network per camera was not measured here.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0005-no-worker-per-camera.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0005NoWorkerPerCamera = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0005NoWorkerPerCamera as default
};
