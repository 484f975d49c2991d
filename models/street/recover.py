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

`--patient` gives every picture one fixed view whose teacher's answer is kept (views.py): steps cost less than half from the second
time round, the features are not learned from. 260 KB of memory a picture.

`--raw-heads` cuts the decoding off: the outputs are then the maps of the three heads. Fixed seeds.
"""
import argparse
import json
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn as nn

from data import INPUT_HEIGHT, INPUT_WIDTH, Pictures, batch
from distil import distillation
from evaluate import LABELS, average_precision, detections, summary, truth_of
from loss import loss
from onnx_net import OnnxNet, decode
from views import Views


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
    parser.add_argument('--box', type=float, default=0.1, help='weight of the box loss')
    parser.add_argument('--bfloat16', action='store_true')
    parser.add_argument('--patient', action='store_true')
    parser.add_argument('--every', type=int, default=2500, help='steps between looks at the held-out pictures and files written')
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
    first, _ = batch([pictures.plain(i) for i in range(0, len(pictures), max(1, len(pictures) // 48))])
    student.normalize(first.contiguous(memory_format=torch.channels_last))
    views = Views(pictures, teacher, student.classes, 0.5, random) if options.patient else None
    parameters = [*student.parameters(), *([] if options.patient else adapters.parameters())]
    average = {name: value.detach().clone() for name, value in student.state_dict().items()}
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, betas=(0.9, 0.99), weight_decay=1e-3, fused=True)
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
        if options.patient:
            images, target, taught = views.take(chosen, options.bfloat16)
        else:
            images, target = batch([pictures.plain(i) if random.random() < 0.3 + 0.5 * (share > 0.9) else pictures.augmented(i, random) for i in chosen])
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16, enabled=options.bfloat16):
            if not options.patient:
                with torch.no_grad():
                    taught, shown = teacher(images)
            maps, features = student.train()(images)
        maps, taught = [y.float() for y in maps], [y.float() for y in taught]
        if options.patient:
            soft, box, seen = distillation(maps, [], taught, [], [], options.temperature)
        else:
            features, shown = [y.float() for y in features], [y.float() for y in shown]
            soft, box, seen = distillation(maps, features, taught, shown, adapters, options.temperature)
        value = loss(maps, target, student, options.box) + options.distil * (soft + 0.05 * box + 0.02 * seen)
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
            for name, theirs in student.state_dict().items():
                if theirs.dtype.is_floating_point:
                    average[name].lerp_(theirs, 1 - keep)
        running.append(float(value.detach()))
        if rank == 0 and step % 100 == 0:
            print(f'{step} loss {np.mean(running[-100:]):.4f} rate {rate:.6f} {time.time() - start:.0f} s', flush=True)
        if rank == 0 and (step % options.every == 0 or share >= 1):
            own = {name: value.detach().clone() for name, value in student.state_dict().items()}
            student.load_state_dict(average)
            student.eval().save(options.out, options.raw_heads)
            print(json.dumps({'step': step, 'seconds': round(time.time() - start), **measure(student, held_out)}), flush=True)
            student.load_state_dict(own)
    if world > 1:
        dist.destroy_process_group()


if __name__ == '__main__':
    main()
