import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Compare two versions","description":"","frontmatter":{},"headers":[],"relativePath":"experiments.md","filePath":"experiments.md"}');
const _sfc_main = { name: "experiments.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="compare-two-versions" tabindex="-1">Compare two versions <a class="header-anchor" href="#compare-two-versions" aria-label="Permalink to &quot;Compare two versions&quot;">​</a></h1><p>An experiment is a <a href="./rollouts.html">rollout</a> that keeps two versions side by side until you decide. The model of the policy is B; A is the model that your devices run.</p><ol><li><p>Add an experiment to a policy, and create the rollout as usual:</p><pre><code>model: { name: street, version: 2.0.0 }
target: { groups: [west] }
experiment: { by: camera, percent: 50 }
</code></pre></li><li><p>When B has soaked, the rollout is <code>comparing</code>, and both versions serve. Compare them, here or on the page of the rollout:</p><pre><code>goshawk rollout compare street-2              # who has which version, and what B sees more or less than A
</code></pre></li><li><p>Decide:</p><pre><code>goshawk rollout resize street-2 --percent 80  # by device, B can only grow
goshawk rollout promote street-2              # B for all devices
goshawk rollout rollback street-2             # A serves everything again
</code></pre></li></ol><table tabindex="0"><thead><tr><th><code>experiment</code></th><th>B is</th></tr></thead><tbody><tr><td><code>{ by: camera, percent: 50 }</code></td><td>about half of the cameras of each device. B runs in a separate slot (<code>next</code>, or <code>slot:</code>) and serves its cameras alone as soon as it runs. If B is lost, <code>main</code> serves them again. No camera waits for a download</td></tr><tr><td><code>{ by: device, percent: 50 }</code></td><td>about half of the devices, with all of their cameras</td></tr><tr><td><code>{ by: device, labels: { ring: b } }</code></td><td>the devices of the target with these labels</td></tr></tbody></table><p>A hash of the names (device, or device and camera, and rollout) selects B, so the choice is the same each time, even if devices come and go. Waves, safety, windows, budgets and the gate work as in any rollout. An experiment has two waves: B, then all devices.</p><h2 id="read-the-comparison" tabindex="-1">Read the comparison <a class="header-anchor" href="#read-the-comparison" aria-label="Permalink to &quot;Read the comparison&quot;">​</a></h2><p>The comparison uses the metrics of the gate, or detections, classes, scores, rate and latency. It compares after with before, and B with A, with the same intervals as a <a href="./rollout-gates.html">gate</a>.</p><ul><li>By camera, both versions often share one device and its load, so latency says little about one of them.</li><li>Drift is watched on <code>main</code> only, so not on the cameras of B.</li><li>About four weeks after a camera got B, the week before it is no longer stored (<code>retention.minuteDays</code>). The answer is then &quot;no data&quot;, with this reason.</li></ul><h2 id="promote-by-camera" tabindex="-1">Promote by camera <a class="header-anchor" href="#promote-by-camera" aria-label="Permalink to &quot;Promote by camera&quot;">​</a></h2><p>Promotion orders B for <code>main</code> on each device. The slot serves its cameras until <code>main</code> has committed the version, and is then removed. While <code>main</code> downloads, waits for safety or is in probation, these cameras do not change. An offline device gets the order when it returns. For a short time both slots hold the version, which takes twice the memory; this was not measured on a board.</p><h2 id="what-is-left-out" tabindex="-1">What is left out <a class="header-anchor" href="#what-is-left-out" aria-label="Permalink to &quot;What is left out&quot;">​</a></h2><ul><li>A device without a camera of B is left out (<code>no-camera</code>) until it has one or you promote B.</li><li>A camera whose graph the fleet has set is never part of B. A graph in the device&#39;s own settings is overridden.</li><li>A device that already has a slot of the same name stays out. If you order or remove the slot of B by hand, you take the device out of the experiment.</li><li>You cannot abort or supersede an experiment by camera while it runs: promote it or roll it back.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("experiments.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const experiments = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  experiments as default
};
