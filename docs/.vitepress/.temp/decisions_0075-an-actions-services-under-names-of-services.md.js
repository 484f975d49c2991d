import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"An action's services under names of services","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0075-an-actions-services-under-names-of-services.md","filePath":"decisions/0075-an-actions-services-under-names-of-services.md"}`);
const _sfc_main = { name: "decisions/0075-an-actions-services-under-names-of-services.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="an-action-s-services-under-names-of-services" tabindex="-1">An action&#39;s services under names of services <a class="header-anchor" href="#an-action-s-services-under-names-of-services" aria-label="Permalink to &quot;An action&#39;s services under names of services&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>e9480bb9</code>.</p><p><strong>Context.</strong> rclnodejs 2.2 makes a service from <code>&lt;package&gt;__srv__&lt;Name&gt;</code> alone, and rosidl names the services of an action <code>&lt;package&gt;__action__&lt;Name&gt;</code>. So <code>~/swap_model</code> was left out there, while <code>dds</code> and <code>fastdds</code> serve it as three services and two topics.</p><p><strong>Decision.</strong> <code>goshawk_msgs</code> gives its library two more names for the same services (<code>deploy/ros2/goshawk_msgs/src/action_services.c</code>, twenty lines). Through rclnodejs the action is then what it is elsewhere: <code>SwapAction</code> over the port, the same decisions, status, results and time-outs.</p><p><strong>Consequences.</strong> A workspace with an older <code>goshawk_msgs</code> has no action through rclnodejs, and a warning says so. What rclnodejs looks for could become the right name: then the file is one that nobody needs.</p><p><strong>Tried and measured.</strong> rclnodejs&#39;s own <code>ActionServer</code>: a second machine of states beside ours (rcl_action&#39;s), a cancelled goal that is refused answers without the code for it, a goal that nobody knows without a reason, and feedback is dropped while a goal is being cancelled. Its inner methods with its native module would have avoided that, and they are not its interface.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0075-an-actions-services-under-names-of-services.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0075AnActionsServicesUnderNamesOfServices = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0075AnActionsServicesUnderNamesOfServices as default
};
