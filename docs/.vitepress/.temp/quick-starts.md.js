import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Quick starts","description":"","frontmatter":{},"headers":[],"relativePath":"quick-starts.md","filePath":"quick-starts.md"}');
const _sfc_main = { name: "quick-starts.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="quick-starts" tabindex="-1">Quick starts <a class="header-anchor" href="#quick-starts" aria-label="Permalink to &quot;Quick starts&quot;">​</a></h1><p>Pick the one that fits your machine. Each takes a few minutes; none needs an account.</p><h2 id="laptop-a-whole-fleet-in-one-command" tabindex="-1">Laptop: a whole fleet in one command <a class="header-anchor" href="#laptop-a-whole-fleet-in-one-command" aria-label="Permalink to &quot;Laptop: a whole fleet in one command&quot;">​</a></h2><p>You need Linux on x64 or arm64, git, and Node 20.19 or newer.</p><pre><code>git clone &lt;this repository&gt; goshawk &amp;&amp; cd goshawk
npm start
</code></pre><p>A broker, a controller and two devices start; the devices watch a simulated street. Open the address that is printed.</p><h2 id="your-model-on-a-video" tabindex="-1">Your model on a video <a class="header-anchor" href="#your-model-on-a-video" aria-label="Permalink to &quot;Your model on a video&quot;">​</a></h2><p>From the checkout of the quick start before:</p><pre><code>npm run build &amp;&amp; npm link
goshawk model import yolo11n.onnx --out bundle/
goshawk run --model bundle/ --source street.mp4 --draw drawn/
</code></pre><p><code>model import</code> detects the family and reads the labels from the file. If the file has no labels, add <code>--labels coco80.txt</code>.</p><h2 id="debian-or-ubuntu-the-agent-as-a-service" tabindex="-1">Debian or Ubuntu: the agent as a service <a class="header-anchor" href="#debian-or-ubuntu-the-agent-as-a-service" aria-label="Permalink to &quot;Debian or Ubuntu: the agent as a service&quot;">​</a></h2><pre><code>sudo apt install ./goshawk-agent_0.1.0_amd64.deb
sudo goshawk selftest
sudo nano /etc/goshawk/agent.json
</code></pre><p>Put your camera and your model into the settings, then restart the service:</p><pre><code>sudo systemctl restart goshawk-agent
journalctl -u goshawk-agent -f
</code></pre><p>Build the package with <code>npm run package</code> (<a href="./packages.html">Packages and containers</a>).</p><h2 id="container" tabindex="-1">Container <a class="header-anchor" href="#container" aria-label="Permalink to &quot;Container&quot;">​</a></h2><pre><code>npm run package -- --oci-only --only goshawk-agent
skopeo copy oci:build/packages/goshawk-agent_0.1.0.oci:0.1.0 docker://registry.example/goshawk-agent:0.1.0
podman run --read-only --cap-drop all -e GOSHAWK_DEVICE=box-7 -e GOSHAWK_BROKER_URL=mqtt://broker.example:1883 \\
  -v goshawk:/var/lib/goshawk-agent registry.example/goshawk-agent:0.1.0
</code></pre><p>Pass a camera with <code>--device /dev/video0</code>. <a href="./packages.html">Packages and containers</a> lists what else a container needs.</p><h2 id="jetson" tabindex="-1">Jetson <a class="header-anchor" href="#jetson" aria-label="Permalink to &quot;Jetson&quot;">​</a></h2><pre><code>sudo apt install ./goshawk-agent_0.1.0_arm64.deb nvidia-jetpack
sudo goshawk native build
sudo systemctl restart goshawk-agent
sudo goshawk selftest --report board.json
</code></pre><p><code>native build</code> compiles the TensorRT plugin on the board. No Jetson has run these lines yet: please <a href="./jetson.html">send the report</a>.</p><h2 id="ros-2-graph" tabindex="-1">ROS 2 graph <a class="header-anchor" href="#ros-2-graph" aria-label="Permalink to &quot;ROS 2 graph&quot;">​</a></h2><p>On a machine with ROS 2 and the agent&#39;s package:</p><pre><code>goshawk run --model bundle/ --source ros:/camera/image_raw --publish ros
ros2 topic echo /goshawk/detections
</code></pre><p>Goshawk speaks DDS itself, so it needs no ROS 2 on its machine. <a href="./ros2.html">Goshawk in a ROS 2 graph</a> explains topics, services and parameters.</p><h2 id="a-fleet" tabindex="-1">A fleet <a class="header-anchor" href="#a-fleet" aria-label="Permalink to &quot;A fleet&quot;">​</a></h2><p>On the machine of the controller:</p><pre><code>sudo apt install ./goshawk-controller_0.1.0_amd64.deb mosquitto
sudo cat /var/lib/goshawk-controller/admin.token
goshawk login http://127.0.0.1:8080
</code></pre><p>Paste the token when you are asked. Then enrol a device:</p><pre><code>goshawk claim create --name &quot;first devices&quot; --count 5 --out claim.token
</code></pre><p>Copy <code>claim.token</code> to the device, and there:</p><pre><code>sudo goshawk enrol --config /etc/goshawk/agent.json --claim-file claim.token
sudo systemctl restart goshawk-agent
</code></pre><p><a href="./enrolment.html">Enrolment</a> sets up the certificates that this needs.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("quick-starts.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const quickStarts = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  quickStarts as default
};
