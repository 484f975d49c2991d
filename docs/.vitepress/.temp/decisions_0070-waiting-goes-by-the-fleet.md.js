import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Who waits lets others go, and how long goes by the size of the fleet","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0070-waiting-goes-by-the-fleet.md","filePath":"decisions/0070-waiting-goes-by-the-fleet.md"}');
const _sfc_main = { name: "decisions/0070-waiting-goes-by-the-fleet.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="who-waits-lets-others-go-and-how-long-goes-by-the-size-of-the-fleet" tabindex="-1">Who waits lets others go, and how long goes by the size of the fleet <a class="header-anchor" href="#who-waits-lets-others-go-and-how-long-goes-by-the-size-of-the-fleet" aria-label="Permalink to &quot;Who waits lets others go, and how long goes by the size of the fleet&quot;">​</a></h1><p>Area: fleet. Commit: <code>3ac51f45</code>.</p><p><strong>Context.</strong> A slot whose download waited for a window held up the other slots of its device for a night. Devices of a large fleet came at once unless somebody set <code>spreadSeconds</code>, and ten minutes of patience for peers gained nothing for 200 devices.</p><p><strong>Decision.</strong> A deployment gives its turn up while it only waits (for its time, a network, a busy registry, a peer), and queues again behind the others. The order, which is signed, says how many devices the fleet has, from 50 on; from that a device works out its spread (20 devices in a second) and its patience (18 s for each device, 10 minutes to an hour). Settings win. A fleet that grew orders nothing anew.</p><p><strong>Consequences.</strong> Half downloads of up to eight models share the disk. A controller that lies about its size delays a device by two hours at most. The number is of the fleet, not of the site: where a large fleet has small sites, the first device of a site waits minutes.</p><p><strong>Tried and measured.</strong> <code>npm run bench -- downloads</code>: 200 devices, one line of 10 Mbit/s: 10,000 MB and 133 min before, 250 MB and 3.8 min now; 10,000 devices: 35 in the busiest second. Peers that say that they are fetching, whom others wait for: 2,850 MB and 38 min, so it was not built. Turns: <code>test/unit/agent/deployment/turns.test.ts</code>, <code>test/unit/agent/slots/slot-set.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0070-waiting-goes-by-the-fleet.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0070WaitingGoesByTheFleet = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0070WaitingGoesByTheFleet as default
};
