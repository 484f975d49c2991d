import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"A robot's service of any type is called by its file, and only in the version that its server announces","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0079-services-of-any-type-by-their-file.md","filePath":"decisions/0079-services-of-any-type-by-their-file.md"}`);
const _sfc_main = { name: "decisions/0079-services-of-any-type-by-their-file.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-robot-s-service-of-any-type-is-called-by-its-file-and-only-in-the-version-that-its-server-announces" tabindex="-1">A robot&#39;s service of any type is called by its file, and only in the version that its server announces <a class="header-anchor" href="#a-robot-s-service-of-any-type-is-called-by-its-file-and-only-in-the-version-that-its-server-announces" aria-label="Permalink to &quot;A robot&#39;s service of any type is called by its file, and only in the version that its server announces&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>0a15aa1</code>.</p><p><strong>Context.</strong> The fleet called services of three types. A robot has its own (<code>dock_msgs/srv/Dock</code>). A topic&#39;s type can be asked of its publisher (<code>~/get_type_description</code>); a service&#39;s can&#39;t: rcl finds it by the hash of the whole service, which nobody announces, only those of request and response.</p><p><strong>Decision.</strong> The definition is a <code>.srv</code> file of the folders in <code>ros.bridge.messages</code>, or of the sourced ROS 2. It is called only where the hashes of request and response are those that its server announces; Humble announces none, so there the file counts. A request is checked field by field before anything is sent; a setting&#39;s <code>request</code> fixes fields that the fleet can&#39;t change. An answer that can&#39;t be told says that the service was called.</p><p><strong>Consequences.</strong> A service without its file can&#39;t be called. A request has at most 4096 characters: what the audit log keeps whole. <code>success</code> is absent where the answer has no such field: nobody says done.</p><p><strong>Tried and measured.</strong> rclpy of Jazzy over <code>dds</code>, <code>fastdds</code> and <code>rclnodejs</code>, and of Humble over Cyclone DDS, a field of every kind (docs/ros2-measurements.md). Rejected: any request that the operator writes as text (no check before it moves a robot), a list of allowed fields (the fixed ones say the same with less), and retrying a call that got no answer (it may have been done).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0079-services-of-any-type-by-their-file.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0079ServicesOfAnyTypeByTheirFile = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0079ServicesOfAnyTypeByTheirFile as default
};
