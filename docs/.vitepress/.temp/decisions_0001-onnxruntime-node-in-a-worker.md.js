import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"onnxruntime-node runs in a worker thread, never on the main thread","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0001-onnxruntime-node-in-a-worker.md","filePath":"decisions/0001-onnxruntime-node-in-a-worker.md"}');
const _sfc_main = { name: "decisions/0001-onnxruntime-node-in-a-worker.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="onnxruntime-node-runs-in-a-worker-thread-never-on-the-main-thread" tabindex="-1">onnxruntime-node runs in a worker thread, never on the main thread <a class="header-anchor" href="#onnxruntime-node-runs-in-a-worker-thread-never-on-the-main-thread" aria-label="Permalink to &quot;onnxruntime-node runs in a worker thread, never on the main thread&quot;">​</a></h1><p>Area: data plane. Commit: <code>7b5c1c4</code>.</p><p><strong>Context.</strong> Where no compiler is at hand the network runs in <code>onnxruntime-node</code>. Its <code>run()</code> is declared asynchronous and is synchronous on the thread that calls it.</p><p><strong>Decision.</strong> The session lives in a worker thread (<code>OnnxruntimeDetector</code>). One worker is one network; <code>parallel</code> of the settings starts more. A worker that dies rejects its frame and is started again.</p><p><strong>Consequences.</strong> Pixels go to the worker in memory that both share. A crash inside of ONNX Runtime still ends the process, since threads share it; the crash note covers that. Without an own thread the agent would miss MQTT keep-alives while a large network runs.</p><p><strong>Tried and measured.</strong> With 1.30 on the main thread 40 timer ticks of about 680 fired while it ran. In a worker the event loop&#39;s p99 is 2.43 ms with a camera, idle 1.31 ms (docs/measurements.md).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0001-onnxruntime-node-in-a-worker.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0001OnnxruntimeNodeInAWorker = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0001OnnxruntimeNodeInAWorker as default
};
