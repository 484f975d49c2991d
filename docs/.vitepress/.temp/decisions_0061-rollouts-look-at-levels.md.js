import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A rollout looks at levels, and its orders are settings of devices","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0061-rollouts-look-at-levels.md","filePath":"decisions/0061-rollouts-look-at-levels.md"}');
const _sfc_main = { name: "decisions/0061-rollouts-look-at-levels.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-rollout-looks-at-levels-and-its-orders-are-settings-of-devices" tabindex="-1">A rollout looks at levels, and its orders are settings of devices <a class="header-anchor" href="#a-rollout-looks-at-levels-and-its-orders-are-settings-of-devices" aria-label="Permalink to &quot;A rollout looks at levels, and its orders are settings of devices&quot;">​</a></h1><p>Area: fleet. Commit: <code>8fdf4bd3</code>.</p><p><strong>Context.</strong> A rollout lasts days, and its controller may be killed at any moment of them. Something has to remember where it is, and to give each device its order.</p><p><strong>Decision.</strong> A step of a rollout (<code>src/controller/rollouts/advance.ts</code>) is a pure function of what is stored and of what devices report now, taken every two seconds; it keeps no queue of events. What it orders becomes a setting of the device itself, by the slot service, in one transaction with the record that says so.</p><p><strong>Consequences.</strong> A life of the controller that ends loses nothing: the next works the step out again. One place publishes desired states, so what signs them signs those of rollouts. Who orders something for a device by hand wins: the order id differs, and the rollout lets go. Every step looks at every device of the rollout, and of the fleet for late joiners and budgets. A group per wave was not taken: people give groups settings of their own, which would have moved with the waves.</p><p><strong>Tried and measured.</strong> <code>test/unit/controller/rollouts/killed-controller.test.ts</code>, <code>test/unit/controller/rollouts/rules.property.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0061-rollouts-look-at-levels.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0061RolloutsLookAtLevels = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0061RolloutsLookAtLevels as default
};
