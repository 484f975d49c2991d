import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Learning runs in a thread, and its frames reach it once a second in shared memory","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0038-learning-thread.md","filePath":"decisions/0038-learning-thread.md"}');
const _sfc_main = { name: "decisions/0038-learning-thread.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="learning-runs-in-a-thread-and-its-frames-reach-it-once-a-second-in-shared-memory" tabindex="-1">Learning runs in a thread, and its frames reach it once a second in shared memory <a class="header-anchor" href="#learning-runs-in-a-thread-and-its-frames-reach-it-once-a-second-in-shared-memory" aria-label="Permalink to &quot;Learning runs in a thread, and its frames reach it once a second in shared memory&quot;">​</a></h1><p>Area: drift. Commit: <code>abf0305</code>.</p><p><strong>Context.</strong> Sampling a frame and building a profile while the camera serves cost the event loop 0.18 ms per frame.</p><p><strong>Decision.</strong> The loop writes thumbnails and boxes into memory that both threads see; a batch goes over once a second. The thread keeps what it knows on disk, and loads profiles in pieces (65e3366).</p><p><strong>Consequences.</strong> A second of frames of most cameras fits 2 MB. A crash costs the minute at hand.</p><p><strong>Tried and measured.</strong> A message per frame cost 0.04 ms, memory that is given away or copied 0.01 to 0.02. Now 0.134 ms per frame while it learns, 0.127 while it watches; asked for was 0.15.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0038-learning-thread.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0038LearningThread = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0038LearningThread as default
};
