import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"ROS 2 without ROS on the device: DDS is spoken directly","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0027-dds-without-ros.md","filePath":"decisions/0027-dds-without-ros.md"}');
const _sfc_main = { name: "decisions/0027-dds-without-ros.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="ros-2-without-ros-on-the-device-dds-is-spoken-directly" tabindex="-1">ROS 2 without ROS on the device: DDS is spoken directly <a class="header-anchor" href="#ros-2-without-ros-on-the-device-dds-is-spoken-directly" aria-label="Permalink to &quot;ROS 2 without ROS on the device: DDS is spoken directly&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>036d783</code>.</p><p><strong>Context.</strong> A node of rcl needs ROS 2 installed on the device, and copies a picture twice more on its way to JavaScript.</p><p><strong>Decision.</strong> An addon over Cyclone DDS reads and writes raw CDR and announces the node on the ROS graph. <code>rclnodejs</code> is a second adapter behind the same port (<code>RosNode</code>), with one contract suite.</p><p><strong>Consequences.</strong> <code>apt-get install cyclonedds-dev</code> is all that a device needs. We have to know what rmw does: names, QoS, type hashes, discovery, services. Golden bytes of Jazzy and Fast DDS keep that true.</p><p><strong>Tried and measured.</strong> Against Jazzy: stamp to rclpy callback p50 6.3 ms with <code>dds</code>, 11.0 with rclnodejs; p99 9.3 and 74 (docs/ros2-measurements.md).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0027-dds-without-ros.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0027DdsWithoutRos = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0027DdsWithoutRos as default
};
