"""The part of an ONNX detector up to its heads as a torch module, so that the file itself can be trained or can teach."""
import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import numpy_helper

from net import STRIDES


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


class OnnxNet(nn.Module):
    """Runs the part of an ONNX graph up to the head convolutions, with its weights as parameters."""

    def __init__(self, path):
        super().__init__()
        self.model = onnx.load(path)
        graph = self.model.graph
        self.constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        for node in graph.node:
            if node.op_type == 'Constant':
                self.constants[node.output[0]] = numpy_helper.to_array(attributes(node)['value'])
        readers = {}
        for node in graph.node:
            for name in node.input:
                readers.setdefault(name, []).append(node)
        convs = [n for n in graph.node if n.op_type == 'Conv']
        # A head is a convolution whose output is only reshaped and decoded.
        self.heads = [n for n in convs if all(r.op_type == 'Reshape' for r in readers.get(n.output[0], []))]
        if len(self.heads) != 3:
            raise SystemExit(f'{path} has {len(self.heads)} heads in front of a Reshape; three are needed.')
        needed, self.steps = {n.output[0] for n in self.heads}, []
        for node in reversed(graph.node):
            if node.op_type != 'Constant' and any(o in needed for o in node.output):
                self.steps.insert(0, node)
                needed.update(node.input)
        self.norms, self.norm_of, self.collecting = nn.ModuleList(), {}, False
        self.names, self.weights = {}, nn.ParameterList()
        for node in convs:
            for name in node.input[1:]:
                if name and name not in self.names:
                    self.names[name] = len(self.weights)
                    value = torch.from_numpy(self.constants[name].copy())
                    dense = value.to(memory_format=torch.channels_last) if value.ndim == 4 else value
                    self.weights.append(nn.Parameter(dense))
        # net.py's decode multiplies sigmoid(wh)^2 by 4 * anchors, one constant per head; larger strides have larger ones.
        boxes = [v for v in self.constants.values() if v.shape == (1, 3, 1, 1, 2)]
        anchors = sorted((v.reshape(3, 2) / 4 for v in boxes), key=lambda v: v.prod())
        self.register_buffer('anchors', torch.from_numpy(np.stack(anchors).astype(np.float32)))
        self.classes = self.weights[self.names[self.heads[0].input[1]]].shape[0] // 3 - 5

    def normalize(self, x):
        """Puts batch norm behind every convolution but the heads, set by the pictures `x` so that the net computes what it did.

        An exported net has its batch norm folded away, and without it trains slowly; `save` folds it again.
        """
        for node in self.steps:
            if node.op_type == 'Conv' and node not in self.heads:
                self.norm_of[node.output[0]] = len(self.norms)
                channels = self.weights[self.names[node.input[1]]].shape[0]
                self.norms.append(nn.BatchNorm2d(channels, eps=1e-3, momentum=0.03))
        self.eval()
        self.collecting = True
        with torch.no_grad():
            self(x)
        self.collecting = False

    def forward(self, x):
        """Maps [B, 3, H, W, 5 + classes] of the heads, and the features that they read."""
        values = {self.model.graph.input[0].name: x}
        for node in self.steps:
            values[node.output[0]] = self.step(node, values)
        maps = []
        for head in self.heads:
            y = values[head.output[0]]
            b, _, h, w = y.shape
            maps.append(y.view(b, 3, 5 + self.classes, h, w).permute(0, 1, 3, 4, 2))
        return maps, [values[head.input[0]] for head in self.heads]

    def step(self, node, values):
        a = attributes(node)
        args = [values.get(name) for name in node.input]
        if node.op_type == 'Conv':
            weight = self.weights[self.names[node.input[1]]]
            bias = self.weights[self.names[node.input[2]]] if len(node.input) > 2 else None
            pads = a.get('pads', [0, 0, 0, 0])
            norm = self.norms[self.norm_of[node.output[0]]] if node.output[0] in self.norm_of else None
            own = bias if norm is None else None
            y = F.conv2d(args[0], weight, own, a.get('strides', 1), pads[:2], a.get('dilations', 1), a.get('group', 1))
            if norm is None:
                return y
            if self.collecting:
                variance, mean = torch.var_mean(y, (0, 2, 3), correction=0)
                norm.running_mean.copy_(mean)
                norm.running_var.copy_(variance)
                norm.weight.copy_((variance + norm.eps).sqrt())
                norm.bias.copy_(mean if bias is None else mean + bias)
            return norm(y)
        if node.op_type == 'Relu':
            return F.relu(args[0])
        if node.op_type == 'Sigmoid':
            return torch.sigmoid(args[0])
        if node.op_type == 'Add':
            return args[0] + args[1]
        if node.op_type == 'Mul':
            return args[0] * args[1]
        if node.op_type == 'Concat':
            return torch.cat(args, a['axis'])
        if node.op_type == 'MaxPool':
            return F.max_pool2d(args[0], a['kernel_shape'], a['strides'], a['pads'][:2])
        if node.op_type == 'Resize':
            return F.interpolate(args[0], scale_factor=float(self.constants[node.input[2]][2]), mode='nearest')
        raise SystemExit(f'{node.op_type} is not known to this recipe; add it to OnnxNet.step.')

    def folded(self):
        """Weights and biases by name, batch norm multiplied in."""
        values = {name: self.weights[index].detach() for name, index in self.names.items()}
        for node in self.steps:
            if node.output[0] in self.norm_of:
                if len(node.input) < 3:
                    raise SystemExit(f'{node.name} has no bias that could take the batch norm.')
                norm = self.norms[self.norm_of[node.output[0]]]
                gain = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
                values[node.input[1]] = values[node.input[1]] * gain.view(-1, 1, 1, 1)
                values[node.input[2]] = norm.bias.detach() - norm.running_mean * gain
        return values

    def save(self, path, raw_heads):
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        values = self.folded()
        for tensor in model.graph.initializer:
            if tensor.name in self.names:
                value = values[tensor.name].numpy()
                tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value), tensor.name))
        if raw_heads:
            del model.graph.output[:]
            for head in self.heads:
                model.graph.output.append(onnx.helper.make_empty_tensor_value_info(head.output[0]))
            for k, node in reversed(list(enumerate(model.graph.node))):
                if all(node.name != kept.name for kept in self.steps):
                    del model.graph.node[k]
            model = onnx.shape_inference.infer_shapes(model)
        onnx.save(model, path)


def decode(maps, anchors):
    """YOLOv5's rows [B, N, 5 + classes] in input pixels, as the tail of the exported graph computes them."""
    rows = []
    for y, stride, sizes in zip(maps, STRIDES, anchors):
        y = y.sigmoid()
        gy, gx = torch.meshgrid(torch.arange(y.shape[2]), torch.arange(y.shape[3]), indexing='ij')
        corner = torch.stack((gx, gy), 2).float() - 0.5
        xy = (y[..., :2] * 2 + corner) * stride
        wh = (y[..., 2:4] * 2) ** 2 * sizes.view(1, 3, 1, 1, 2)
        rows.append(torch.cat((xy, wh, y[..., 4:]), 4).flatten(1, 3))
    return torch.cat(rows, 1)
