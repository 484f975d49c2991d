"""Any ONNX file as a torch module: the nodes of its graph one after the other, its weights as parameters, and back again."""
import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper

from operators import OPERATORS, reshape, split, top_k

WEIGHTED = ('Conv', 'ConvTranspose', 'Gemm', 'MatMul')
LAYOUT = ('Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Split', 'Slice')


class OnnxModule(nn.Module):
    """`forward` gives the values that `watched` names, by name."""

    def __init__(self, path):
        super().__init__()
        self.model = onnx.load(path)
        graph = self.model.graph
        constants = {tensor.name: tensor for tensor in graph.initializer}
        self.nodes = []
        for node in graph.node:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == 'Constant':
                constants[node.output[0]] = constant(attributes)
            elif node.op_type not in OPERATORS and node.op_type != 'Split':
                raise SystemExit(f'{path}: the operator {node.op_type} is not known here. Add it to OPERATORS in operators.py.')
            else:
                self.nodes.append((node, attributes))
        self.input = next(item.name for item in graph.input if item.name not in constants)
        self.weights, self.names = nn.ParameterList(), {}
        self.constants = {}
        trained = self.trainable(constants)
        for name, tensor in constants.items():
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if name in trained:
                self.names[name] = len(self.weights)
                self.weights.append(nn.Parameter(value.to(memory_format=torch.channels_last) if value.ndim == 4 else value))
            else:
                self.register_buffer(f'constant_{len(self.constants)}', value, persistent=False)
                self.constants[name] = f'constant_{len(self.constants)}'
        self.layers = [node for node, _ in self.nodes if node.op_type in WEIGHTED and node.input[1] in self.names]
        self.outputs = [output.name for output in graph.output]
        self.norms, self.norm_of, self.collecting = nn.ModuleList(), {}, False
        self.free = False

    def trainable(self, constants):
        """Weights and biases of layers, and vectors that sums and products have beside a value: scales and biases of norms."""
        names, distributions = set(), set()
        for node, _ in self.nodes:
            if node.op_type == 'Softmax' or (node.op_type in LAYOUT and node.input[0] in distributions):
                distributions.update(node.output)
            if node.op_type in WEIGHTED and node.input[0] in distributions:
                # The mean of a distribution (DFL): its weights are numbers of places, and no layer.
                continue
            places = {'Conv': (1, 2), 'ConvTranspose': (1, 2), 'Gemm': (1, 2), 'MatMul': (0, 1), 'BatchNormalization': (1, 2),
                      'LayerNormalization': (1, 2), 'InstanceNormalization': (1, 2), 'PRelu': (1,), 'Add': (0, 1), 'Mul': (0, 1)}
            for place in places.get(node.op_type, ()):
                name = node.input[place] if place < len(node.input) else ''
                tensor = constants.get(name)
                if tensor is None or tensor.data_type != onnx.TensorProto.FLOAT:
                    continue
                if node.op_type not in ('Add', 'Mul') or (len(tensor.dims) == 1 and tensor.dims[0] > 1):
                    names.add(name)
        return names

    def heads(self):
        """Layers that reach an output of the file without another layer behind them."""
        free, found = {output.name for output in self.model.graph.output}, []
        for node, _ in reversed(self.nodes):
            if not any(name in free for name in node.output):
                continue
            if any(node is layer for layer in self.layers):
                found.insert(0, node)
            else:
                free.update(node.input)
        return found

    def channel_axis(self, node):
        return 1 if node.op_type in ('Conv', 'ConvTranspose') else -1

    def forward(self, x, watched, given=None, after=None):
        """`given`: indices of every TopK by the name of their value. `after`: sees each node's values, and may replace them."""
        values, missing = {self.input: x}, set(watched)
        for node, attributes in self.nodes:
            if watched and not missing:
                break
            args = [self.value(name, values) for name in node.input]
            if node.op_type == 'Split':
                result = tuple(split(attributes, *args, outputs=len(node.output)))
            elif node.op_type == 'Reshape' and self.free:
                shape = args[1]
                result = reshape(attributes, args[0], torch.cat((0 * shape[:1], shape[1:])) if shape[0] == 1 else shape)
            elif node.op_type == 'TopK':
                result = top_k(attributes, *args[:2], None if given is None else given[node.output[1]])
            elif node.output[0] in self.norm_of:
                result = self.normalized(node, attributes, args)
            else:
                result = OPERATORS[node.op_type](attributes, *args)
            for name, value in zip(node.output, result if isinstance(result, tuple) else (result,)):
                values[name] = value if after is None else after(node, name, value, args)
                missing.discard(name)
        return {name: values[name] for name in watched}

    def run(self, x, watched, given=None):
        """`forward` for several pictures: together where the file can, one after the other where it can't."""
        if self.free or len(x) == 1:
            return self(x, watched, given)
        singles = [self(x[i:i + 1], watched, given and {name: value[i:i + 1] for name, value in given.items()}) for i in range(len(x))]
        return {name: torch.cat([single[name] for single in singles]) for name in watched}

    @torch.no_grad()
    def free_batch(self, x):
        """A file made for one picture takes several if a Reshape to one picture may keep as many as come in: tried on two pictures."""
        names = [node.output[0] for node in self.heads()]
        apart = self.run(x[:2], names)
        self.free = True
        try:
            together = self(x[:2], names)
            self.free = all(torch.allclose(together[name], apart[name], rtol=1e-3, atol=1e-3) for name in names)
        except (RuntimeError, IndexError):
            self.free = False
        return self.free

    def value(self, name, values):
        if name == '':
            return None
        if name in self.names:
            return self.weights[self.names[name]]
        return getattr(self, self.constants[name]) if name in self.constants else values[name]

    def normalize(self, x):
        """Puts batch norm behind every convolution but the heads, set by the pictures `x` so that the net computes what it did.

        An exported net has its batch norm folded away, and without it trains slowly; `save` folds it again.
        """
        heads = {node.output[0] for node in self.heads()}
        for node in self.layers:
            shared = sum(node.input[1] == other.input[1] for other in self.layers) > 1
            if node.op_type == 'Conv' and node.output[0] not in heads and not shared:
                self.norm_of[node.output[0]] = len(self.norms)
                channels = self.weights[self.names[node.input[1]]].shape[0]
                self.norms.append(nn.BatchNorm2d(channels, eps=1e-3, momentum=0.03, device=x.device))
        training = self.training
        self.eval()
        self.collecting = True
        with torch.no_grad():
            self(x, [])
        self.collecting = False
        self.train(training)

    def normalized(self, node, attributes, args):
        norm = self.norms[self.norm_of[node.output[0]]]
        bias = args[2] if len(args) > 2 else None
        y = OPERATORS['Conv'](attributes, *args[:2])
        if self.collecting:
            variance, mean = torch.var_mean(y, (0, 2, 3), correction=0)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.copy_(mean if bias is None else mean + bias)
        return norm(y)

    @torch.no_grad()
    def save(self, path):
        """The same file with the weights of now, batch norm folded into them."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        values = {name: self.weights[at].detach().clone() for name, at in self.names.items()}
        added = {}
        for node in self.layers:
            if node.output[0] not in self.norm_of:
                continue
            norm = self.norms[self.norm_of[node.output[0]]]
            gain = norm.weight / (norm.running_var + norm.eps).sqrt()
            values[node.input[1]] *= gain.view(-1, *[1] * (values[node.input[1]].ndim - 1))
            bias = node.input[2] if len(node.input) > 2 and node.input[2] else added.setdefault(node.output[0], f'{node.output[0]}_bias')
            values[bias] = norm.bias - norm.running_mean * gain
        for node in model.graph.node:
            if node.output and node.output[0] in added:
                node.input[2:] = [added[node.output[0]]]
        tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        for node in model.graph.node:
            if node.op_type == 'Constant':
                for attribute in node.attribute:
                    if attribute.name == 'value':
                        tensors[node.output[0]] = attribute.t
        for name, value in values.items():
            tensor = tensors.get(name) or model.graph.initializer.add()
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value.cpu().numpy()), name))
        onnx.save(model, path)


def constant(attributes):
    if 'value' in attributes:
        return attributes['value']
    for name, dtype in (('value_float', np.float32), ('value_floats', np.float32), ('value_int', np.int64), ('value_ints', np.int64)):
        if name in attributes:
            return numpy_helper.from_array(np.array(attributes[name], dtype))
    raise SystemExit(f'A Constant has {", ".join(attributes)}, which is not known here.')
