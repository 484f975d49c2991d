import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"systemd starts the agent anew for what a restart mends, and for nothing else","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0047-signs-of-life.md","filePath":"decisions/0047-signs-of-life.md"}');
const _sfc_main = { name: "decisions/0047-signs-of-life.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="systemd-starts-the-agent-anew-for-what-a-restart-mends-and-for-nothing-else" tabindex="-1">systemd starts the agent anew for what a restart mends, and for nothing else <a class="header-anchor" href="#systemd-starts-the-agent-anew-for-what-a-restart-mends-and-for-nothing-else" aria-label="Permalink to &quot;systemd starts the agent anew for what a restart mends, and for nothing else&quot;">​</a></h1><p>Area: data plane. Commit: <code>a6e98fd</code>.</p><p><strong>Context.</strong> The watchdog was fed by a timer: it saw an event loop that stood still and nothing else. &quot;Fed only while every camera works&quot; would start a device anew all night because a switch is off, and every camera beside it would lose its frames each time.</p><p><strong>Decision.</strong> A sign of life is held back in two cases (<code>src/agent/liveness.ts</code>): a camera that gave frames in this life is silent and its source did not say that it is gone; frames come in and no result came out for longer than the recovery of engines takes. Both need a frame that this life has seen, so what a restart did not mend asks for no second one.</p><p><strong>Consequences.</strong> A source has to say <code>lost</code> when its camera is away: one that stays silent costs a restart. Topics of ROS are left out, since a topic on which nobody publishes looks the same. A camera that never gave a frame since the start is told by its fault and its target, not by a restart.</p><p><strong>Tried and measured.</strong> The cases are a table in <code>test/unit/agent/liveness.test.ts</code>. Not tried under a real systemd: there the older test of the timer stands (<code>test/integration/service-notify.test.ts</code>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0047-signs-of-life.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0047SignsOfLife = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0047SignsOfLife as default
};
