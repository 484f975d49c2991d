import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Quantized graphs are shaped for the kernels of ONNX Runtime","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0015-graphs-shaped-for-kernels.md","filePath":"decisions/0015-graphs-shaped-for-kernels.md"}');
const _sfc_main = { name: "decisions/0015-graphs-shaped-for-kernels.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="quantized-graphs-are-shaped-for-the-kernels-of-onnx-runtime" tabindex="-1">Quantized graphs are shaped for the kernels of ONNX Runtime <a class="header-anchor" href="#quantized-graphs-are-shaped-for-the-kernels-of-onnx-runtime" aria-label="Permalink to &quot;Quantized graphs are shaped for the kernels of ONNX Runtime&quot;">​</a></h1><p>Area: optimization. Commit: <code>2016e44</code>.</p><p><strong>Context.</strong> ONNX Runtime&#39;s integer kernels read channels in fours; with the three of a picture they first copy every window of every pixel. Its integer AveragePool is slow, and a Concat of several scales computes every value anew.</p><p><strong>Decision.</strong> In <code>qdq-u8</code> the first convolution is written over four pixels x three channels, with the same integers, bit for bit. AveragePool stays in float. Inputs of a Concat get the output&#39;s scale where that costs one bit at most (64d5f20).</p><p><strong>Consequences.</strong> The graph looks unlike the one that was trained; <code>wide-stem.test.ts</code> compares the outputs. The reasons lie in the kernels and not in the idea: measure again when ONNX Runtime is updated.</p><p><strong>Tried and measured.</strong> First convolution at 320 x 192: 382 to 152 us with 16 filters, 477 to 199 with 24. FastestDet: integer AveragePool 237 us, float 9; 18 Concats 131 us with one scale, 366 without.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0015-graphs-shaped-for-kernels.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0015GraphsShapedForKernels = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0015GraphsShapedForKernels as default
};
