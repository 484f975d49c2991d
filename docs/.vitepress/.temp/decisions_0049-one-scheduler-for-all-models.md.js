import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"One scheduler shares the engines between all nodes of all cameras","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0049-one-scheduler-for-all-models.md","filePath":"decisions/0049-one-scheduler-for-all-models.md"}');
const _sfc_main = { name: "decisions/0049-one-scheduler-for-all-models.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="one-scheduler-shares-the-engines-between-all-nodes-of-all-cameras" tabindex="-1">One scheduler shares the engines between all nodes of all cameras <a class="header-anchor" href="#one-scheduler-shares-the-engines-between-all-nodes-of-all-cameras" aria-label="Permalink to &quot;One scheduler shares the engines between all nodes of all cameras&quot;">​</a></h1><p>Area: pipeline. Commit: <code>a7fcc16</code>.</p><p><strong>Context.</strong> A camera may be looked at by several models, and what one finds by further ones. A queue per model lets each of them fill the cores by itself: on two cores three models with two frames each are six tasks that wait for each other, and the one with a deadline waits with the rest.</p><p><strong>Decision.</strong> Each node of each camera has one queue, and one scheduler starts from all of them. It keeps to the room of each detector and to a number of tasks over all of them (<code>parallel</code>, by default the largest room of one detector). While all can be in time: earliest deadline first, what hangs on a frame in work before a new frame. When one is late not all can be in time, and earliest deadline first would make everybody late: then turns go by weight, and what hangs on a frame in work still goes first, since that frame is held until it is done. Without deadlines and weights it is what <a href="./0004-newest-frame-wins.html">0004</a> says. A frame that supersedes one keeps its place in the line; else a node with a long deadline would never be due. A shadow starts only when no serving frame waits, and leaves one place free where there are two or more.</p><p><strong>Consequences.</strong> A weight counts turns and not milliseconds: twice the weight is twice the frames, whatever a frame costs. A shadow that has begun is not stopped: with one place a serving frame waits for its rest. A detector that hangs keeps its own places and none of the others&#39;.</p><p><strong>Tried and measured.</strong> Property tests over random arrivals, answers, failures, time-outs, pauses, swaps, slots that come and go, and graphs that change: 300 runs of 30 to 70 steps without a frame that is unaccounted, given back twice, or out of order. They found that a graph that is changed must share its line of results with the one before.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0049-one-scheduler-for-all-models.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0049OneSchedulerForAllModels = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0049OneSchedulerForAllModels as default
};
