import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"tf is kept as tf2 keeps it, and nothing is guessed outside of it","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0080-tf-guesses-nothing.md","filePath":"decisions/0080-tf-guesses-nothing.md"}');
const _sfc_main = { name: "decisions/0080-tf-guesses-nothing.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="tf-is-kept-as-tf2-keeps-it-and-nothing-is-guessed-outside-of-it" tabindex="-1">tf is kept as tf2 keeps it, and nothing is guessed outside of it <a class="header-anchor" href="#tf-is-kept-as-tf2-keeps-it-and-nothing-is-guessed-outside-of-it" aria-label="Permalink to &quot;tf is kept as tf2 keeps it, and nothing is guessed outside of it&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>ac9aa53</code>.</p><p><strong>Context.</strong> <code>~/detections_3d</code> in another frame needed a fixed transform in the address of the camera. Robots move, and have tf.</p><p><strong>Decision.</strong> A buffer of our own reads <code>/tf</code> and <code>/tf_static</code>: ten seconds of each frame, a straight line and a great arc between two stamps, static ones at any stamp. A result waits for its transform at most <code>tf_wait_ms</code> (100), in order; after that, or where the stamp lies outside of what is kept, nothing is published and the log says why, once in ten seconds. <code>tf_tolerance_ms</code> (0) lets the newest transform count for a stamp a little later. Frames of which nothing more is told are forgotten; the room of all is bounded, each frame has its part.</p><p><strong>Consequences.</strong> <code>to=</code> without <code>xyz</code> follows tf; before it meant the same place. A robot whose tf is later than 100 ms needs the setting.</p><p><strong>Tried and measured.</strong> A node of rclpy with a moving transform over both middlewares: 1372 and 2380 objects, none further than 0.3 micrometres from where they belong; 23 parts of it taken out one by one (17 were seen at once, four got a test, two were of no use and went). Rejected: tf2 through rclnodejs (there is none without a ROS), and the newest transform for any stamp (wrong by the way of 100 ms, and nobody sees it).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0080-tf-guesses-nothing.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0080TfGuessesNothing = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0080TfGuessesNothing as default
};
