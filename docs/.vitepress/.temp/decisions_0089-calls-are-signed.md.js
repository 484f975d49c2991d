import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Calls are signed","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0089-calls-are-signed.md","filePath":"decisions/0089-calls-are-signed.md"}');
const _sfc_main = { name: "decisions/0089-calls-are-signed.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="calls-are-signed" tabindex="-1">Calls are signed <a class="header-anchor" href="#calls-are-signed" aria-label="Permalink to &quot;Calls are signed&quot;">​</a></h1><p>Area: trust. Commit: <code>ce354cb</code>.</p><p><strong>Context.</strong> Orders were signed and calls were not: a broker that turned hostile asked for a preview as role admin and got 42 pictures in seconds, and nothing of it stood in the controller&#39;s audit.</p><p><strong>Decision.</strong> Calls come in the envelope of orders (DSSE), signed with the online key: device, method, id, session, time, request. A device with a root follows no other. It refuses what comes twice, late, or in another of its lives. Time is counted from the start of a numbered run of the controller by a clock that can&#39;t be set; a device that thinks a call is over is asked once more in a new run. Devices tell the ids of what they answered; each has a tag that only the controller can make, so a stolen key shows.</p><p><strong>Consequences.</strong> A signature for each call and each acknowledgement. The first call of a run can be held back by the broker as long as the device lives. <code>ack</code> and <code>rebirth</code> name no session, as the controller makes them before it knows one, and may come twice.</p><p><strong>Tried and measured.</strong> An envelope around an acknowledgement of 20 entries, Ed25519, on two cores at load 2: 0.06 ms in the middle of 2,000, 0.3 ms at the 95th percentile. Expiry by the clocks of the wall was thought through and left: a device whose clock is ahead, or a controller whose clock was set back, would have made acknowledgements expire, and with them the telemetry stop.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0089-calls-are-signed.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0089CallsAreSigned = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0089CallsAreSigned as default
};
