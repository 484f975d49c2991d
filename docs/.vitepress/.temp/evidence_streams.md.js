import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Evidence: streams","description":"","frontmatter":{},"headers":[],"relativePath":"evidence/streams.md","filePath":"evidence/streams.md"}');
const _sfc_main = { name: "evidence/streams.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="evidence-streams" tabindex="-1">Evidence: streams <a class="header-anchor" href="#evidence-streams" aria-label="Permalink to &quot;Evidence: streams&quot;">​</a></h1><p>Measurements behind <a href="./../streams.html">Send results to your program</a>, and what was not done.</p><h2 id="measured" tabindex="-1">Measured <a class="header-anchor" href="#measured" aria-label="Permalink to &quot;Measured&quot;">​</a></h2><p><code>npm run bench -- streams</code>, 17 minutes (<code>STREAMS_MINUTES=17</code>) on 30 November 2026, two shared cores at a load of 12 to 15: one camera at 30 frames a second with 20 objects, four streams at once. Every 20 s one receiver was away for 10 s, in turns: Mosquitto stopped, the server stopped, the program gone, Mosquitto frozen (SIGSTOP).</p><table tabindex="0"><thead><tr><th>stream</th><th>produced</th><th>sent</th><th>left out</th><th>arrived</th></tr></thead><tbody><tr><td><code>mqtt</code>, QoS 0</td><td>30,936</td><td>25,241</td><td>5,694 <code>offline</code>, 1 <code>failed</code></td><td>25,223</td></tr><tr><td><code>webhook</code></td><td>30,936</td><td>30,936</td><td>0</td><td>30,936</td></tr><tr><td><code>websocket</code></td><td>30,936</td><td>26,977</td><td>3,948 <code>no-receiver</code>, 11 <code>failed</code></td><td>26,963</td></tr><tr><td><code>mcap</code></td><td>30,936</td><td>30,936</td><td>0</td><td>in the file</td></tr></tbody></table><p>Sent and left out add up to what was produced. The 18 and 14 results that were sent and did not arrive were on their way when a receiver was stopped. Memory stayed between 166 and 216 MB. A result took 3.6 ms for all four streams together, waits for a core included (1.3 ms in a run of a minute); alone, its JSON takes 0.15 ms and Foxglove&#39;s boxes 0.2 to 0.4 ms. Not measured on a quiet machine, and an hour was not run.</p><h2 id="what-was-not-done" tabindex="-1">What was not done <a class="header-anchor" href="#what-was-not-done" aria-label="Permalink to &quot;What was not done&quot;">​</a></h2><ul><li><p>Kafka: no client and no broker could be tried here (<a href="./../decisions/0092-no-kafka-yet.html">decision 0092</a>). Bridge from MQTT, e.g. with Kafka Connect.</p></li><li><p>No Home Assistant and no Foxglove app was at hand: the messages were held to their documents, and to Foxglove&#39;s own library.</p></li><li><p>Retained states and discovery on the fleet&#39;s broker; a password for the WebSocket.</p></li><li><p>Home Assistant: topics and fields were held against its source by reading (<code>components/mqtt</code>, <code>discovery.py</code> and <code>schemas.py</code>), and seen at Mosquitto; not in a Home Assistant.</p></li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("evidence/streams.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const streams = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  streams as default
};
