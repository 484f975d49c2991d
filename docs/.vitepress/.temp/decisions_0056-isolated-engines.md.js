import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"An engine can have a process of its own, behind the same C line","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0056-isolated-engines.md","filePath":"decisions/0056-isolated-engines.md"}');
const _sfc_main = { name: "decisions/0056-isolated-engines.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="an-engine-can-have-a-process-of-its-own-behind-the-same-c-line" tabindex="-1">An engine can have a process of its own, behind the same C line <a class="header-anchor" href="#an-engine-can-have-a-process-of-its-own-behind-the-same-c-line" aria-label="Permalink to &quot;An engine can have a process of its own, behind the same C line&quot;">​</a></h1><p>Area: native. Commit: <code>024c393</code>.</p><p><strong>Context.</strong> A GPU driver that faults takes its whole process down, one that hangs keeps a thread for ever. TensorRT is the engine that does both, and the agent that loads it also holds the cameras, the outbox and the connection to the fleet.</p><p><strong>Decision.</strong> <code>native/plugins/isolated</code> is an engine plugin like any other. It starts <code>goshawk-engine-host</code>, which loads the real plugin, and passes every call on. So the core, the detector and the recovery know nothing of it. Tensors lie in sealed <code>memfd</code> memory that both processes map; the letterbox writes into it and the decoder reads from it, so no byte of a frame is copied where the engine can use memory of the host (<code>wrap</code>, C ABI 1.1). A frame crosses by two counters and a futex. Other calls go over a Unix socket. <code>isolate: auto</code> in the agent&#39;s settings isolates <code>tensorrt</code>.</p><ul><li>A process that ends is <code>native-device-lost</code> for every frame under way: the agent builds the engine anew.</li><li>A frame that was cancelled and does not end within a second ends the process. No thread is left behind.</li><li>The process gets none of the agent&#39;s <code>GOSHAWK_</code> variables and no descriptor but its socket, goes first when memory runs out, and ends with its agent whatever its engine does.</li></ul><p><strong>Consequences.</strong> Native code that crashes there is not noted in <code>engine-crashes</code>, because the agent survives it. A picture for the letterbox of the GPU is copied once, into shared memory. TensorRT&#39;s tensors are copied in and out, because its plugin does not offer <code>wrap</code> yet. Neither was tried on a GPU.</p><p><strong>Tried and measured.</strong> <code>npm run bench -- --only isolation</code>, on a quiet machine, 18 rounds in turns: 0.25 ms a frame of 1080p (0.3 asked for) by the fastest of each round; medians 14.7 and 15.8 ms. An agent whose engine&#39;s process is killed perceives again 0.3 to 0.5 s later (2 asked for), every frame accounted for (<code>test/integration/engine-isolation.test.ts</code>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0056-isolated-engines.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0056IsolatedEngines = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0056IsolatedEngines as default
};
