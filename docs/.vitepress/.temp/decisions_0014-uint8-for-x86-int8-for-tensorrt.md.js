import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Unsigned 8-bit activations for x86, signed for TensorRT, from one plan","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0014-uint8-for-x86-int8-for-tensorrt.md","filePath":"decisions/0014-uint8-for-x86-int8-for-tensorrt.md"}');
const _sfc_main = { name: "decisions/0014-uint8-for-x86-int8-for-tensorrt.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="unsigned-8-bit-activations-for-x86-signed-for-tensorrt-from-one-plan" tabindex="-1">Unsigned 8-bit activations for x86, signed for TensorRT, from one plan <a class="header-anchor" href="#unsigned-8-bit-activations-for-x86-signed-for-tensorrt-from-one-plan" aria-label="Permalink to &quot;Unsigned 8-bit activations for x86, signed for TensorRT, from one plan&quot;">​</a></h1><p>Area: optimization. Commit: <code>fd2498b</code>.</p><p><strong>Context.</strong> ONNX Runtime fuses quantized convolutions on x86 and arm64 when activations are uint8; TensorRT reads int8 with zero point 0 alone.</p><p><strong>Decision.</strong> One quantization plan writes both <code>qdq-u8</code> and <code>qdq-s8</code>: the same integer weights, and the same activations 128 higher. A value that is never negative uses 0 to 255 in u8 and 0 to 127 in s8, which lets ONNX Runtime drop the Relu. (Since <a href="./0091-a-graph-for-each-engine.html">0091</a> each form has ranges and places of its own.)</p><p><strong>Consequences.</strong> A bundle has two files that agree, and a device takes the one that its engine is fast on. On x86 without VNNI <code>--reduce-range</code> is needed: sums of u8 x s8 overflow 16 bits there.</p><p><strong>Tried and measured.</strong> street: -0.60 mAP (u8), -0.70 (s8), 1.90 times as fast. onnxruntime.quantization on the same model: YOLOX-Nano 15.2 mAP where ours keeps 34.1 of 34.9.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0014-uint8-for-x86-int8-for-tensorrt.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0014Uint8ForX86Int8ForTensorrt = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0014Uint8ForX86Int8ForTensorrt as default
};
