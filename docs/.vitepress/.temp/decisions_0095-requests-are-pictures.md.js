import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A request is a picture, and the answer is what was found in it","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0095-requests-are-pictures.md","filePath":"decisions/0095-requests-are-pictures.md"}');
const _sfc_main = { name: "decisions/0095-requests-are-pictures.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-request-is-a-picture-and-the-answer-is-what-was-found-in-it" tabindex="-1">A request is a picture, and the answer is what was found in it <a class="header-anchor" href="#a-request-is-a-picture-and-the-answer-is-what-was-found-in-it" aria-label="Permalink to &quot;A request is a picture, and the answer is what was found in it&quot;">​</a></h1><p>Area: streams. Commit: <code>814298d</code>.</p><p><strong>Context.</strong> Programs ask a device by the Open Inference Protocol (<a href="./../inference.html">inference</a>). Triton and OpenVINO Model Server take the tensors of the network there, and leave letterbox, decoding and NMS to each client; OpenVINO&#39;s takes encoded pictures as <code>BYTES</code> too.</p><p><strong>Decision.</strong> The only input is a picture, and the outputs are results by task, under the same names for every network. A request is one picture: it goes through <code>Detector</code>, as a frame of a camera does, and waits for all cameras.</p><p><strong>Consequences.</strong> A client does not change when the network behind a name does: another input size, another family, int8. Golden sets, <code>model evaluate</code> and requests see the same pixels. A client that brings its own preparation or decoder can&#39;t use it, nor can a network whose input is no picture; a batch is several requests. Loading and unloading of models stay with the fleet, which signs and judges them.</p><p><strong>Tried and measured.</strong> gRPC&#39;s library for Python and Node, curl, <code>urllib</code>. tritonclient is in no registry that could be reached.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0095-requests-are-pictures.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0095RequestsArePictures = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0095RequestsArePictures as default
};
