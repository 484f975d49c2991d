import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Each engine has a quantized graph of its own","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0091-a-graph-for-each-engine.md","filePath":"decisions/0091-a-graph-for-each-engine.md"}');
const _sfc_main = { name: "decisions/0091-a-graph-for-each-engine.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="each-engine-has-a-quantized-graph-of-its-own" tabindex="-1">Each engine has a quantized graph of its own <a class="header-anchor" href="#each-engine-has-a-quantized-graph-of-its-own" aria-label="Permalink to &quot;Each engine has a quantized graph of its own&quot;">​</a></h1><p>Area: optimization. Commit: <code>526930d</code>.</p><p><strong>Context.</strong> One plan gave both INT8 files (<a href="./0014-uint8-for-x86-int8-for-tensorrt.html">0014</a>): the same integers, around zero. ONNX Runtime pays for that with nearly a bit behind every SiLU, whose minimum is -0.28, and TensorRT with a rounding between each convolution and its activation, which it cannot fuse.</p><p><strong>Decision.</strong> Ranges, places, method and search are chosen per form. <code>qdq-u8</code>: activations from their own low end to their own high end (0 to 255), pairs on both sides of what ONNX Runtime computes on integers. <code>qdq-s8</code>: zero points of 0, pairs only before weighted operators and on the other side of a residual sum with a convolution, everything else in float16 with scales as halves (opset 19), since a strongly typed network runs what the file says. <code>fusionOf</code> (<code>src/optimize/quantize/tensorrt.ts</code>) counts what can become an INT8 layer and what is left in FP32.</p><p><strong>Consequences.</strong> Two searches instead of one, but most networks need none: the whole network in INT8 keeps the budget, and no layer is scanned then. The two files are no longer the same integers. ONNX Runtime must not rewrite the pairs of <code>qdq-s8</code> (<code>session.disable_quant_qdq</code>): it rounds biases in steps of the product of two scales, which a half cannot express; on FastestDet that cost 21 of 23 mAP without a word. TensorRT before 10 does not read halves as scales; there <code>fp16</code> is the variant.</p><p><strong>Tried and measured.</strong> <a href="./../optimize.html#measured">docs/optimize.md</a>. The clip of SiLU&#39;s inputs below -4 went: with a range of its own a value has no unused half to save.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0091-a-graph-for-each-engine.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0091AGraphForEachEngine = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0091AGraphForEachEngine as default
};
