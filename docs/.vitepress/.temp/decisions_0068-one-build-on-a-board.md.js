import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"One build of an engine on a board at a time, and deployments first","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0068-one-build-on-a-board.md","filePath":"decisions/0068-one-build-on-a-board.md"}');
const _sfc_main = { name: "decisions/0068-one-build-on-a-board.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="one-build-of-an-engine-on-a-board-at-a-time-and-deployments-first" tabindex="-1">One build of an engine on a board at a time, and deployments first <a class="header-anchor" href="#one-build-of-an-engine-on-a-board-at-a-time-and-deployments-first" aria-label="Permalink to &quot;One build of an engine on a board at a time, and deployments first&quot;">​</a></h1><p>Area: agent. Commit: <code>8567333d</code>.</p><p><strong>Context.</strong> Building a TensorRT plan takes a lot of memory. Within a slot an order ended the build for the model before it; between slots nothing did: a better engine of one slot was built while another slot&#39;s model was opened, checked and watched beside its old one.</p><p><strong>Decision.</strong> All slots share a <code>BuildRoom</code>: at most one background build, and none while a deployment of any slot has begun to open its engine and is not settled. The build that is under way is ended, and begins anew afterwards.</p><p><strong>Consequences.</strong> A deployment is not held up by an improvement that nobody waits for; a build may be begun several times on a device that is given many orders. A better engine that another slot already watches is waited for: both of that slot&#39;s engines are in memory until its probation ends. The recovery of an engine that hangs takes no part: its plan is there, and waiting would leave a camera blind.</p><p><strong>Tried and measured.</strong> <code>test/unit/agent/engines/build-arbiter.test.ts</code>, over supervisors with builds that go on until they are let go. No plan was built on a board with it.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0068-one-build-on-a-board.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0068OneBuildOnABoard = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0068OneBuildOnABoard as default
};
