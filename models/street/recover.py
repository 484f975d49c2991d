"""Recovery training of a pruned model: knowledge distillation from the unpruned one and fine-tuning, ONNX in, ONNX out.

The pruned network is not built anew: its ONNX file, written by `goshawk model optimize --write-pruned pruned.onnx`, is
the architecture (channel counts, refitted weights), and the same file with trained weights comes out. The teacher is the
unpruned ONNX file. Loss = detection loss on the labels + soft targets of the teacher's logits with a temperature
(Hinton et al., 2015) + the teacher's features in front of the heads through a learned 1x1 convolution (FitNets, 2015).

    goshawk model optimize street.onnx ... --prune 0.5 --write-pruned pruned.onnx
    OMP_NUM_THREADS=1 python3 recover.py --teacher street.onnx --pruned pruned.onnx --train DIR [DIR ...] --held-out DIR \
        --steps 4000 --out recovered.onnx
    USE_LIBUV=0 TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 torchrun --rdzv-backend c10d --rdzv-endpoint meet \\
        --rdzv-conf store_type=file --nproc_per_node 2 recover.py ...

The second form is the same with two processes (gloo), gradients averaged; Debian's torch has no libuv, without which
torchrun's own meeting point needs a file. Elsewhere `torchrun --nproc_per_node 2 recover.py ...` is enough.

`--raw-heads` cuts the decoding off: the outputs are then the maps of the three heads. Fixed seeds.
"""
import argparse
import json
import math
import os
import time

import numpy as np
import onnx
import torch
import torch.distributed as dist
import torch.nn as nn
import torch.nn.functional as F
from onnx import numpy_helper

from data import INPUT_HEIGHT, INPUT_WIDTH, Pictures, batch
from evaluate import LABELS, average_precision, detections, summary, truth_of
from loss import BALANCE, CLASS, OBJECT, loss
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
            return F.conv2d(args[0], weight, bias, a.get('strides', 1), pads[:2], a.get('dilations', 1), a.get('group', 1))
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

    def save(self, path, raw_heads):
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for tensor in model.graph.initializer:
            if tensor.name in self.names:
                value = self.weights[self.names[tensor.name]].detach().numpy()
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


def measure(net, pictures):
    found, truth = [], []
    with torch.no_grad():
        for begin in range(0, len(pictures), 16):
            samples = [pictures.plain(i) for i in range(begin, min(begin + 16, len(pictures)))]
            images, _ = batch(samples)
            rows = decode(net(images)[0], net.anchors)
            for row, (_, labels) in zip(rows.numpy(), samples):
                found.append(detections(row))
                truth.append(truth_of(labels, INPUT_WIDTH, INPUT_HEIGHT))
    return summary(average_precision(found, truth, len(LABELS)))


def distillation(maps, features, taught, shown, adapters, temperature):
    """Soft targets for scores, boxes where the teacher sees an object, and features in front of the heads.

    Weighted as the detection loss weights its parts, so that the few cells with an object are not lost among the empty ones.
    """
    soft = box = seen = 0.0
    for y, t, balance in zip(maps, taught, BALANCE):
        want = (t[..., 4:] / temperature).sigmoid()
        score = temperature**2 * F.binary_cross_entropy_with_logits(y[..., 4:] / temperature, want, reduction='none')
        weight = t[..., 4:5].sigmoid()
        soft = soft + OBJECT * balance * score[..., 0].mean()
        soft = soft + CLASS * (weight * score[..., 1:]).sum() / (score.shape[-1] - 1) / (weight.sum() + 1e-6)
        box = box + (weight * (y[..., :4] - t[..., :4]).abs()).sum() / (4 * weight.sum() + 1e-6)
    for adapter, mine, theirs in zip(adapters, features, shown):
        seen = seen + F.mse_loss(adapter(mine), theirs) / (theirs.pow(2).mean() + 1e-6)
    return soft, box, seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--teacher', required=True)
    parser.add_argument('--pruned', required=True)
    parser.add_argument('--train', nargs='+', required=True)
    parser.add_argument('--held-out', required=True)
    parser.add_argument('--steps', type=int, default=4000)
    parser.add_argument('--minutes', type=float, default=math.inf, help='end the schedule by then, on a busy machine')
    parser.add_argument('--batch', type=int, default=8, help='pictures per process and step')
    parser.add_argument('--rate', type=float, default=8e-4)
    parser.add_argument('--temperature', type=float, default=2.0)
    parser.add_argument('--distil', type=float, default=1.0, help='weight of the teacher against the labels')
    parser.add_argument('--bfloat16', action='store_true')
    parser.add_argument('--raw-heads', action='store_true')
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--out', required=True)
    options = parser.parse_args()
    world, rank = int(os.environ.get('WORLD_SIZE', 1)), int(os.environ.get('RANK', 0))
    if world > 1:
        dist.init_process_group('gloo')
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    # Every process draws its own pictures; weights start equal and stay equal, since gradients are averaged.
    random = np.random.default_rng(options.seed + rank)
    teacher = OnnxNet(options.teacher).eval().requires_grad_(False)
    student = OnnxNet(options.pruned)
    adapters = nn.ModuleList(
        nn.Conv2d(student.weights[student.names[s.input[1]]].shape[1], teacher.weights[teacher.names[t.input[1]]].shape[1], 1)
        for s, t in zip(student.heads, teacher.heads)
    )
    pictures, held_out = Pictures(options.train), Pictures([options.held_out])
    if rank == 0:
        print(json.dumps({'train': len(pictures), 'processes': world, 'teacher': measure(teacher, held_out)}), flush=True)
        print(json.dumps({'step': 0, **measure(student, held_out)}), flush=True)
    parameters = [*student.parameters(), *adapters.parameters()]
    average = [p.detach().clone() for p in student.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.99), weight_decay=1e-3)
    warm = max(1, min(200, options.steps // 10))
    start, order, running = time.time(), [], []
    step, share = 0, 0.0
    while share < 1:
        step += 1
        spent = torch.tensor((time.time() - start) / 60 / options.minutes)
        if world > 1:
            dist.all_reduce(spent, dist.ReduceOp.MAX)
        share = min(1.0, max(step / options.steps, float(spent)))
        rate = options.rate * (step / warm if step < warm else 0.02 + 0.98 * (1 + math.cos(math.pi * share)) / 2)
        for group in optimizer.param_groups:
            group['lr'] = rate
        if len(order) < options.batch:
            order = list(random.permutation(len(pictures)))
        chosen = [order.pop() for _ in range(options.batch)]
        samples = [pictures.plain(i) if random.random() < 0.3 + 0.5 * (share > 0.9) else pictures.augmented(i, random) for i in chosen]
        images, target = batch(samples)
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16, enabled=options.bfloat16):
            with torch.no_grad():
                taught, shown = teacher(images)
            maps, features = student(images)
        maps, taught = [y.float() for y in maps], [y.float() for y in taught]
        features, shown = [y.float() for y in features], [y.float() for y in shown]
        soft, box, seen = distillation(maps, features, taught, shown, adapters, options.temperature)
        value = loss(maps, target, student, 0.1) + options.distil * (soft + 0.05 * box + 0.02 * seen)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        if world > 1:
            for parameter in parameters:
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= world
        nn.utils.clip_grad_norm_(parameters, 5)
        optimizer.step()
        keep = 0.998 * (1 - math.exp(-step / 200))
        with torch.no_grad():
            for mine, theirs in zip(average, student.parameters()):
                mine.lerp_(theirs, 1 - keep)
        running.append(float(value.detach()))
        if rank == 0 and step % 100 == 0:
            print(f'{step} loss {np.mean(running[-100:]):.4f} rate {rate:.6f} {time.time() - start:.0f} s', flush=True)
    with torch.no_grad():
        for mine, theirs in zip(student.parameters(), average):
            mine.copy_(theirs)
    if rank == 0:
        student.save(options.out, options.raw_heads)
        print(json.dumps({'step': step, 'seconds': round(time.time() - start), **measure(student, held_out)}), flush=True)
    if world > 1:
        dist.destroy_process_group()


if __name__ == '__main__':
    main()
