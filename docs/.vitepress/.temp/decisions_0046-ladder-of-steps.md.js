import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A device gives way by steps that its owner chose, and undoes each one","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0046-ladder-of-steps.md","filePath":"decisions/0046-ladder-of-steps.md"}');
const _sfc_main = { name: "decisions/0046-ladder-of-steps.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-device-gives-way-by-steps-that-its-owner-chose-and-undoes-each-one" tabindex="-1">A device gives way by steps that its owner chose, and undoes each one <a class="header-anchor" href="#a-device-gives-way-by-steps-that-its-owner-chose-and-undoes-each-one" aria-label="Permalink to &quot;A device gives way by steps that its owner chose, and undoes each one&quot;">​</a></h1><p>Area: data plane. Commit: <code>935acf5</code>.</p><p><strong>Context.</strong> Newest frame wins, so a device that is too slow or too hot drops frames of every camera alike, and nobody chose which. A board at its limit of heat lowers its clock, and then everything is slow.</p><p><strong>Decision.</strong> The owner lists steps; the device takes them one after the other while a promise is missed for want of room or the board is hot, and undoes them the other way round (<code>src/agent/targets</code>). Decisions are pure: a table of state, signal and next (<code>ladder-table.ts</code>), and one class without a clock that is played through days. A step down waits 15 s, a step up 120 s where what the step took off is known to fit again, 15 times as long where it is not, and up to 16 times more after steps up that were taken back. Only reasons that a step can help against count: a camera that gives less moves nothing.</p><p><strong>Consequences.</strong> Without a list nothing is left out on purpose. Frames that are left out are skipped frames with a reason, so the sum of frames holds. A step may itself miss a promise (<code>every</code> of a camera that promised more): the reason is <code>ladder</code>, and the ladder does not run away from it.</p><p><strong>Tried and measured.</strong> <code>npm run bench -- hot-day</code>: without the slow trial a step that was taken in the evening of a hot day was never undone, because a full engine has no room by its numbers though nothing is missed. With one threshold for both directions a load at the edge made a step every two and a half minutes; with the doubled waits less than a tenth of that (<code>test/unit/agent/targets/ladder.test.ts</code>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0046-ladder-of-steps.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0046LadderOfSteps = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0046LadderOfSteps as default
};
