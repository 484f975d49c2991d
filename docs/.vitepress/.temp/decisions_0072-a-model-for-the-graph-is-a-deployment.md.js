import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A model that the graph asks for is a deployment","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0072-a-model-for-the-graph-is-a-deployment.md","filePath":"decisions/0072-a-model-for-the-graph-is-a-deployment.md"}');
const _sfc_main = { name: "decisions/0072-a-model-for-the-graph-is-a-deployment.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-model-that-the-graph-asks-for-is-a-deployment" tabindex="-1">A model that the graph asks for is a deployment <a class="header-anchor" href="#a-model-that-the-graph-asks-for-is-a-deployment" aria-label="Permalink to &quot;A model that the graph asks for is a deployment&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>8b483185</code>.</p><p><strong>Context.</strong> A robot may want another model for another task, at once and without the fleet. If its service swapped the detector beside the agent, nothing would have verified, admitted or checked that model, a restart would bring the old one back, and the fleet would not see what runs. If only the fleet could do it, a robot without a network could not.</p><p><strong>Decision.</strong> <code>~/set_model</code> and <code>~/swap_model</code> of an agent order a deployment of <code>main</code> along the same table as the fleet&#39;s: in turn with its orders, refused while one of them is under way, with trust, golden set, budgets and probation. The settings name what may be chosen. The generation stays: the fleet&#39;s next order that names another model wins. A swap can be cancelled until it is committed and not after: the way back is then another swap. A goal that is not allowed is accepted and aborted, because <code>SendGoal</code> has no field for a reason.</p><p><strong>Consequences.</strong> A swap takes as long as the probation; the old model serves meanwhile until the swap itself, and again after a failure. A model that fails here is quarantined for the fleet too. The reported digest differs from the desired one until the fleet orders again.</p><p><strong>Tried and measured.</strong> <code>test/unit/agent/deployment/local-switch.test.ts</code>, <code>test/unit/ros2/action/</code>, over Cyclone DDS <code>test/integration/ros2/steering.test.ts</code>. The action of <code>goshawk run</code> was asked by a client of Jazzy&#39;s rcl_action (docs/ros2-measurements.md), without cancelling; that of an agent was not.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0072-a-model-for-the-graph-is-a-deployment.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0072AModelForTheGraphIsADeployment = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0072AModelForTheGraphIsADeployment as default
};
