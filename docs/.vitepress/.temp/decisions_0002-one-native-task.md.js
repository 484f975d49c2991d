import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"One native task takes a frame to detections","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0002-one-native-task.md","filePath":"decisions/0002-one-native-task.md"}');
const _sfc_main = { name: "decisions/0002-one-native-task.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="one-native-task-takes-a-frame-to-detections" tabindex="-1">One native task takes a frame to detections <a class="header-anchor" href="#one-native-task-takes-a-frame-to-detections" aria-label="Permalink to &quot;One native task takes a frame to detections&quot;">​</a></h1><p>Area: data plane. Commit: <code>a6e8dd1</code>.</p><p><strong>Context.</strong> Letterbox, network, decode and NMS are four steps. Each could be a call from JavaScript with a typed array in between.</p><p><strong>Decision.</strong> <code>submit</code> takes the frame; a thread does all four with pooled, bound buffers; a few kB of detections come back. <code>Detector</code> is the port, and the TypeScript pipeline with a worker is the short reference that the native code is compared with.</p><p><strong>Consequences.</strong> Tensors never become JavaScript objects, and the garbage collector never sees a picture. A new decoder has to be written twice, in TypeScript and in C++; <code>test/unit/native/postprocess.test.ts</code> compares the two.</p><p><strong>Tried and measured.</strong> Outside of the network at 640x640: 0.425 ms, the best Python loop 3.08 ms, the usual script 7.80 ms. At 416x416 the bound of 0.12 of the usual script is missed (0.24): the letterbox alone is above it, so fewer hand-overs can&#39;t meet it.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0002-one-native-task.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0002OneNativeTask = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0002OneNativeTask as default
};
