import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A node announces itself in the size of Gids that its neighbours have","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0078-announced-as-the-neighbours-are.md","filePath":"decisions/0078-announced-as-the-neighbours-are.md"}');
const _sfc_main = { name: "decisions/0078-announced-as-the-neighbours-are.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-node-announces-itself-in-the-size-of-gids-that-its-neighbours-have" tabindex="-1">A node announces itself in the size of Gids that its neighbours have <a class="header-anchor" href="#a-node-announces-itself-in-the-size-of-gids-that-its-neighbours-have" aria-label="Permalink to &quot;A node announces itself in the size of Gids that its neighbours have&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>c3faf66</code>.</p><p><strong>Context.</strong> On <code>ros_discovery_info</code> Humble has Gids of 24 octets, Iron and newer 16, and neither reads the other. Written in 16, an announcement made <code>rcl</code> of Humble refuse the names of all nodes for as long as it ran. <code>ROS_DISTRO</code> says which is meant, and is not set in a service of systemd, in a container or where Goshawk needs no ROS.</p><p><strong>Decision.</strong> Both sizes are read. Written is that of the neighbours; while nobody is known it is 24, which no release misreads. Beside both releases it is written in both, and the 16-octet form begins with a hidden node <code>_&lt;name&gt;</code> without a namespace, which Humble reads as no nodes. Nodes of Goshawk are marked in the user data of their writer and count for no size: one that has just started, with 24 alone, was taken for a node of Humble.</p><p><strong>Consequences.</strong> Nothing has to be set. In a mixed graph a hidden node stands beside ours, and the log warns; separate domains stay the advice. A node of Humble that joins newer ones alone is still misread first, as beside any node of Jazzy.</p><p><strong>Tried and measured.</strong> rcl, rclpy and ros2cli of Humble and Jazzy from their sources, over Cyclone DDS and Fast DDS 2.6 and 2.14: <code>check.sh</code> 37 of 37 in front of Humble without a variable, 39 of 39 in front of Jazzy (docs/ros2-commands.md). <code>test/contract/ros-releases.test.ts</code> runs both sizes without ROS. Rejected: by <code>ROS_DISTRO</code> alone (unset where it matters), and one size for good (each breaks the other release).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0078-announced-as-the-neighbours-are.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0078AnnouncedAsTheNeighboursAre = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0078AnnouncedAsTheNeighboursAre as default
};
