import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A soak goes by the time in which the controller watched","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0087-a-soak-is-watched-time.md","filePath":"decisions/0087-a-soak-is-watched-time.md"}');
const _sfc_main = { name: "decisions/0087-a-soak-is-watched-time.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-soak-goes-by-the-time-in-which-the-controller-watched" tabindex="-1">A soak goes by the time in which the controller watched <a class="header-anchor" href="#a-soak-goes-by-the-time-in-which-the-controller-watched" aria-label="Permalink to &quot;A soak goes by the time in which the controller watched&quot;">​</a></h1><p>Area: rollouts. Commit: <code>dbf6f4b</code>.</p><p><strong>Context.</strong> The end of a soak was a time of the wall clock. A clock that was a day ahead at a restart ended a soak of an hour after two seconds. A controller can&#39;t tell a clock that was set from hours in which it was away.</p><p><strong>Decision.</strong> Each step compares the wall clock with the monotonic one, and the first step of a life with the time until which the wave was watched, which is kept once a minute. What nobody watched moves the beginning of the soak. So looks and the end stay in one clock, and the code that asks when they are due did not change. A wave without a deadline has one: a device that is at work in one state for 24 h, or with one order for 7 days, pauses the rollout.</p><p><strong>Consequences.</strong> Time in which the controller was away does not count as soak; looks wait for it instead of coming late as one, which now happens after a pause alone (0076). A kill takes up to a minute from a soak. Windows, deadlines and <code>unreachable</code> still go by the wall clock.</p><p><strong>Tried and measured.</strong> <code>test/hostile/set-clock.test.ts</code>, <code>test/unit/controller/rollouts/deadlines.test.ts</code>, and <code>killed-between-looks.test.ts</code> beside it.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0087-a-soak-is-watched-time.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0087ASoakIsWatchedTime = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0087ASoakIsWatchedTime as default
};
