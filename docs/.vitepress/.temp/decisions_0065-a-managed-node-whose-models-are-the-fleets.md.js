import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"A managed node whose models are the fleet's","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0065-a-managed-node-whose-models-are-the-fleets.md","filePath":"decisions/0065-a-managed-node-whose-models-are-the-fleets.md"}`);
const _sfc_main = { name: "decisions/0065-a-managed-node-whose-models-are-the-fleets.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-managed-node-whose-models-are-the-fleet-s" tabindex="-1">A managed node whose models are the fleet&#39;s <a class="header-anchor" href="#a-managed-node-whose-models-are-the-fleet-s" aria-label="Permalink to &quot;A managed node whose models are the fleet&#39;s&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>7692105</code>.</p><p><strong>Context.</strong> Two masters ask an agent: the fleet says which model, the lifecycle manager of a robot says when the node works. If configure loaded what the fleet wants, a manager that cleans up would undo a deployment on probation, and the fleet would roll back a good model. A program that serves one robot and one model (<code>goshawk run</code>) has one master.</p><p><strong>Decision.</strong> Every node has the life cycle of ROS 2 and goes through it by itself unless it is told to wait. <code>run</code> follows it whole: configure loads, cleanup gives up. An agent takes activate and deactivate for its published cameras alone; its models stay loaded, and a shutdown ends its cameras and not the agent. A camera that rests is closed, not only ignored, and switched off in the pipeline, so that targets, liveness and the fleet don&#39;t miss it. Work that fails is rcl&#39;s failure and never its error.</p><p><strong>Consequences.</strong> A fleet that switches a camera on while its node rests has no pictures until the node is active. A manager may try again after any failure: the node is where it was.</p><p><strong>Tried and measured.</strong> <code>test/integration/ros2/lifecycle.test.ts</code>, <code>test/unit/runtime/device/managed-cameras.test.ts</code>, <code>npm run bench -- ros2-lifecycle</code> (docs/ros2.md). Not in front of a ROS 2.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0065-a-managed-node-whose-models-are-the-fleets.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0065AManagedNodeWhoseModelsAreTheFleets = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0065AManagedNodeWhoseModelsAreTheFleets as default
};
