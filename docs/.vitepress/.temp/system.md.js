import { ssrRenderAttrs, ssrRenderAttr } from "vue/server-renderer";
import { _ as _imports_0 } from "./system.CjDEe96z.js";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The system in one picture","description":"","frontmatter":{},"headers":[],"relativePath":"system.md","filePath":"system.md"}');
const _sfc_main = { name: "system.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-system-in-one-picture" tabindex="-1">The system in one picture <a class="header-anchor" href="#the-system-in-one-picture" aria-label="Permalink to &quot;The system in one picture&quot;">​</a></h1><p><img${ssrRenderAttr("src", _imports_0)} alt="Camera, agent, broker, controller, registry and ROS 2"></p><h2 id="a-frame" tabindex="-1">A frame <a class="header-anchor" href="#a-frame" aria-label="Permalink to &quot;A frame&quot;">​</a></h2><ol><li>A camera delivers compressed frames over RTSP, USB, CSI, a file or a ROS 2 topic. The agent always takes the newest; older ones are counted as skipped.</li><li>The picture is decoded, scaled to the input of the network, and run by ONNX Runtime or TensorRT.</li><li>Boxes, masks, points or classes are read from the output as the bundle describes, and tracked from frame to frame.</li><li>Zones and lines count. Drift signals are computed. Privacy masks and blurs everything that leaves the device.</li><li>The result leaves as a ROS 2 message, as JSON over MQTT, webhook, WebSocket or Foxglove, and as a line of <code>goshawk run</code>.</li></ol><h2 id="an-order" tabindex="-1">An order <a class="header-anchor" href="#an-order" aria-label="Permalink to &quot;An order&quot;">​</a></h2><ol><li>You deploy a model: <code>goshawk model deploy street@2.0.0 --group canary</code>, a click in the dashboard, or a wave of a rollout.</li><li>The controller stores the desired state of each device with a new generation, and publishes it, retained, at the broker.</li><li>The device compares generations, downloads the bundle (from the controller&#39;s registry, a mirror or a neighbour), verifies its digest and its signatures, and runs its golden set.</li><li>It swaps between two frames and watches the new model. If it is too slow, crashes or fails its targets, the old one is back.</li><li>The device reports what it runs, by digest. The controller shows that, never what it hopes.</li></ol><h2 id="a-metric" tabindex="-1">A metric <a class="header-anchor" href="#a-metric" aria-label="Permalink to &quot;A metric&quot;">​</a></h2><ol><li>The agent writes batches to its outbox on disk, numbered within the session.</li><li>The broker delivers them; the controller commits them to its database and acknowledges.</li><li>The agent deletes what was acknowledged. After a power cut or a week offline it continues where it was.</li></ol><h2 id="who-trusts-whom" tabindex="-1">Who trusts whom <a class="header-anchor" href="#who-trusts-whom" aria-label="Permalink to &quot;Who trusts whom&quot;">​</a></h2><ul><li>A <strong>device</strong> has a certificate of its own, and may write only its own topics.</li><li>The <strong>controller</strong> orders; a device with a trust root runs only what the owner of the fleet signed too.</li><li>The <strong>broker</strong> is not trusted with orders: they are signed end to end where you turn that on (<a href="./trust.html">Trust</a>).</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("system.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const system = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  system as default
};
