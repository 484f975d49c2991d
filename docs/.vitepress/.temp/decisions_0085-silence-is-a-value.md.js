import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A block in which a model gives nothing is the worst block, not a gap","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0085-silence-is-a-value.md","filePath":"decisions/0085-silence-is-a-value.md"}');
const _sfc_main = { name: "decisions/0085-silence-is-a-value.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-block-in-which-a-model-gives-nothing-is-the-worst-block-not-a-gap" tabindex="-1">A block in which a model gives nothing is the worst block, not a gap <a class="header-anchor" href="#a-block-in-which-a-model-gives-nothing-is-the-worst-block-not-a-gap" aria-label="Permalink to &quot;A block in which a model gives nothing is the worst block, not a gap&quot;">​</a></h1><p>Area: fleet. Commit: <code>b6437a1</code>.</p><p><strong>Context.</strong> A device sends a counter when it grows. So a version that found nothing sent no detections, had no blocks of them, and its gate said &quot;no data&quot; of the worst version that can be. A camera that was dark had a frame rate of 0 and was held against the version. A golden frame to which the engine gave no answer was left out of the known answers.</p><p><strong>Decision.</strong> Each block knows how many frames its camera gave to a model (received, less what was left out on purpose; at least those that were processed). Frames that were processed are the measure: a counter that stood still beside them found none. Where frames were given and none was processed, a metric takes the value that its row of <code>gateMetricTable</code> names (<code>silent</code>): nothing, or a latency as long as the block. Where the camera gave none, the device has no model, or nothing was sent, there is a gap. Golden frames without an answer count as wrong.</p><p><strong>Consequences.</strong> The mean score has no value of its own for silence: of nothing there is no mean, and a street is empty at night. A gate on the score alone says &quot;no data&quot; of a version that finds nothing; name <code>detections</code> beside it.</p><p><strong>Tried and measured.</strong> <code>test/hostile/blind-model.test.ts</code>, <code>test/unit/controller/rollouts/evidence/evidence-reader.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0085-silence-is-a-value.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0085SilenceIsAValue = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0085SilenceIsAValue as default
};
