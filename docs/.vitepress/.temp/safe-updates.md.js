import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Update a robot only when it is safe","description":"","frontmatter":{},"headers":[],"relativePath":"safe-updates.md","filePath":"safe-updates.md"}');
const _sfc_main = { name: "safe-updates.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="update-a-robot-only-when-it-is-safe" tabindex="-1">Update a robot only when it is safe <a class="header-anchor" href="#update-a-robot-only-when-it-is-safe" aria-label="Permalink to &quot;Update a robot only when it is safe&quot;">​</a></h1><p>Tell the agent how to find out whether the robot may switch to another model. Set one or more checks; all of them must agree:</p><pre><code>&quot;updates&quot;: {
  &quot;lockFile&quot;: &quot;/run/robot/driving&quot;,
  &quot;program&quot;: [&quot;/usr/local/bin/may-update&quot;],
  &quot;ros&quot;: true,
  &quot;rosTopic&quot;: &quot;/at_rest&quot;,
  &quot;rosLifecycle&quot;: &quot;/driver&quot;,
  &quot;mqtt&quot;: true,
  &quot;restSeconds&quot;: 300
}
</code></pre><table tabindex="0"><thead><tr><th>check</th><th>safe when</th></tr></thead><tbody><tr><td><code>lockFile</code></td><td>the file does not exist. Its first line is the reason that the fleet shows</td></tr><tr><td><code>program</code></td><td>the program exits with status 0. Its first line of output is the reason</td></tr><tr><td><code>ros</code></td><td>the robot has called the service <code>~/hold_updates</code> (std_srvs/srv/SetBool; <code>/goshawk/hold_updates</code> without remapping) with false. Call it with true before you drive. Until the first call, no model is switched</td></tr><tr><td><code>rosTopic</code></td><td>the topic (std_msgs/msg/Bool) says true. Publish it reliably, and again within <code>timeoutSeconds</code></td></tr><tr><td><code>rosLifecycle</code></td><td>the managed node is neither active nor in a transition</td></tr><tr><td><code>mqtt</code></td><td>the last call to <code>goshawk/1/&lt;device&gt;/call/updates</code> allows it: <code>{&quot;hold&quot;: false, &quot;seconds&quot;: 60}</code>, valid for that long</td></tr><tr><td><code>restSeconds</code></td><td>every check has been safe for this long</td></tr></tbody></table><p>A check that fails (no program, no answer within <code>timeoutSeconds</code>) counts as not safe.</p><ul><li><strong>Lifecycle:</strong> the agent asks <code>get_state</code> before it has seen the first transition, and whenever a node that publishes transitions appears or disappears. Without an answer, no model is switched. With <code>rclnodejs</code>, a node that leaves and one that arrives within 250 ms are not distinguished.</li><li><strong>MQTT:</strong> name your program in <code>devices.brokerClients</code> of the controller. <code>goshawk broker config</code> gives it the right to call, and no device gets its name. The call needs no signature, even if your fleet <a href="./how-trust-works.html#calls">signs calls</a>. See <a href="./mqtt.html">mqtt.md</a>.</li></ul><p>While the robot is not safe, a ready model waits, and the fleet shows the reason and since when. The old model serves all the time; both are in memory. Deployments of the device&#39;s other slots wait too. Waiting is not a failure of the model: after a restart the agent continues.</p><p>As an admin you can override the check for the waiting order. The audit log records it:</p><pre><code>goshawk device override-safety cam-7 --reason &quot;on blocks&quot;
</code></pre><p>The ROS 2 checks were tried on the graph of the tests, not on a robot.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("safe-updates.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const safeUpdates = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  safeUpdates as default
};
