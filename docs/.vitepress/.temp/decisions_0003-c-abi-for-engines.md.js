import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Engines stand behind a small C ABI and are opened at run time","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0003-c-abi-for-engines.md","filePath":"decisions/0003-c-abi-for-engines.md"}');
const _sfc_main = { name: "decisions/0003-c-abi-for-engines.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="engines-stand-behind-a-small-c-abi-and-are-opened-at-run-time" tabindex="-1">Engines stand behind a small C ABI and are opened at run time <a class="header-anchor" href="#engines-stand-behind-a-small-c-abi-and-are-opened-at-run-time" aria-label="Permalink to &quot;Engines stand behind a small C ABI and are opened at run time&quot;">​</a></h1><p>Area: data plane. Commit: <code>a6e8dd1</code>.</p><p><strong>Context.</strong> TensorRT, CUDA and ONNX Runtime come in many versions. An addon that links one of them fails to load where it is missing, and the reason is lost in the loader&#39;s message.</p><p><strong>Decision.</strong> <code>goshawk_engine.h</code> is plain C with sized structs and statuses. Each engine is a plugin that is opened by <code>dlopen</code>; the TensorRT plugin links no NVIDIA library and compares the versions of header and library before its first call (1acc81a).</p><p><strong>Consequences.</strong> A plugin of another compiler fits, a missing library becomes a sentence with a remedy, and <code>doctor</code> can say what is there. Plugins keep no policy: no queue, no retry. What crosses the line is never an exception.</p><p><strong>Tried and measured.</strong> Headers of TensorRT 8.5 to 11.1 compile; with stand-ins for the driver the whole plugin ran under sanitizers. Nothing of it has run on a GPU yet (native/README.md).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0003-c-abi-for-engines.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0003CAbiForEngines = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0003CAbiForEngines as default
};
