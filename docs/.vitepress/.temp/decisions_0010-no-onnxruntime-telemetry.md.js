import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The telemetry of ONNX Runtime is switched off before it is loaded","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0010-no-onnxruntime-telemetry.md","filePath":"decisions/0010-no-onnxruntime-telemetry.md"}');
const _sfc_main = { name: "decisions/0010-no-onnxruntime-telemetry.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-telemetry-of-onnx-runtime-is-switched-off-before-it-is-loaded" tabindex="-1">The telemetry of ONNX Runtime is switched off before it is loaded <a class="header-anchor" href="#the-telemetry-of-onnx-runtime-is-switched-off-before-it-is-loaded" aria-label="Permalink to &quot;The telemetry of ONNX Runtime is switched off before it is loaded&quot;">​</a></h1><p>Area: data plane. Commit: <code>09c7493</code>.</p><p><strong>Context.</strong> The npm binaries of ONNX Runtime send data about model and session to Microsoft since 1.29, unless the environment says otherwise.</p><p><strong>Decision.</strong> <code>goshawk</code> sets <code>ORT_DISABLE_TELEMETRY=1</code> before anything loads the library; so do the tests.</p><p><strong>Consequences.</strong> A program that uses the rooms as a library has to do the same. The variable has to stand before the first import of <code>onnxruntime-node</code>; moving that line down in <code>main.ts</code> undoes it silently.</p><p><strong>Tried and measured.</strong> Not watched on the wire here. docs/dependencies.md says it beside the package.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0010-no-onnxruntime-telemetry.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0010NoOnnxruntimeTelemetry = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0010NoOnnxruntimeTelemetry as default
};
