"""Trains the street detector from scratch and exports street.onnx. One thread, fixed seeds.

    OMP_NUM_THREADS=1 python3 train.py --train DIR [DIR ...] --held-out DIR --steps 14000 --bfloat16 --out street.onnx
"""
import argparse
import copy
import json
import math
import pathlib
import random as python_random
import sys
import time

import numpy as np
import torch

from data import INPUT_HEIGHT, INPUT_WIDTH, Pictures, anchors, batch
from evaluate import LABELS, average_precision, detections, summary, truth_of
from export import export
from labelled import anchors_of
from loss import loss
from net import Street

sys.path.append(str(pathlib.Path(__file__).parents[1] / 'recovery'))
from distillation import Distillation  # noqa: E402
from onnx_module import OnnxModule  # noqa: E402


def measure(net, pictures):
    net.eval()
    found, truth = [], []
    with torch.no_grad():
        for begin in range(0, len(pictures), 16):
            samples = [pictures.plain(i) for i in range(begin, min(begin + 16, len(pictures)))]
            images, _ = batch(samples)
            for rows, (_, labels) in zip(net.decode(net(images)).numpy(), samples):
                found.append(detections(rows))
                truth.append(truth_of(labels, INPUT_WIDTH, INPUT_HEIGHT))
    return summary(average_precision(found, truth, len(LABELS)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--train', nargs='+', required=True)
    parser.add_argument('--held-out', required=True)
    parser.add_argument('--steps', type=int, default=8400)
    parser.add_argument('--minutes', type=float, default=math.inf, help='end the schedule by then, on a busy machine')
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--rate', type=float, default=1.5e-3)
    parser.add_argument('--warm', type=int, default=500, help='steps until the rate is reached')
    parser.add_argument('--width', type=int, default=16)
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--every', type=int, default=1500, help='steps between checkpoints')
    parser.add_argument('--start', help='checkpoint (.pt) to go on from, with a new schedule')
    parser.add_argument('--box', type=float, default=0.1, help='weight of the box loss')
    parser.add_argument('--calm-from', type=float, default=0.92, help='share of the steps after which most pictures stay as they are')
    parser.add_argument('--teacher', help='a trained .onnx whose soft targets are learned beside the labels; it gives the anchors')
    parser.add_argument('--labels', type=float, default=1.0, help='weight of the labels beside --teacher')
    parser.add_argument('--bfloat16', action='store_true')
    parser.add_argument('--out', required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    python_random.seed(options.seed)
    random = np.random.default_rng(options.seed)

    pictures, held_out = Pictures(options.train), Pictures([options.held_out])
    saved = torch.load(options.start, weights_only=True) if options.start else None
    teacher = OnnxModule(options.teacher).eval().requires_grad_(False) if options.teacher else None
    if saved:
        sizes = np.array(saved['anchors'])
    else:
        sizes = anchors_of(teacher).reshape(9, 2).numpy() if teacher else anchors(pictures, random)
    print(json.dumps({'train': len(pictures), 'held_out': len(held_out), 'anchors': sizes.tolist()}), flush=True)
    net = Street(len(LABELS), sizes, options.width, (INPUT_HEIGHT, INPUT_WIDTH)).to(memory_format=torch.channels_last)
    if saved:
        net.load_state_dict(saved['state'])
    if teacher:
        few = batch([pictures.plain(i) for i in range(16)])[0]
        teacher.free_batch(few)
        weights = argparse.Namespace(temperature=2.0, scores=1.0, distributions=0.0, values=1.0, features=0.0)
        distillation = Distillation(teacher, None, few, weights)
        heads = distillation.watched(1)
    average = copy.deepcopy(net).eval()
    decay, plain = [], []
    for name, parameter in net.named_parameters():
        (decay if parameter.ndim > 1 else plain).append(parameter)
    optimizer = torch.optim.AdamW(
        [{'params': decay, 'weight_decay': 0.02}, {'params': plain, 'weight_decay': 0}], lr=options.rate, betas=(0.9, 0.99)
    )
    warm = min(options.warm, options.steps // 10)
    start, order, running = time.time(), [], []
    step, share = 0, 0.0
    while share < 1:
        step += 1
        share = min(1.0, max(step / options.steps, (time.time() - start) / 60 / options.minutes))
        rate = options.rate * (step / warm if step < warm else 0.02 + 0.98 * (1 + math.cos(math.pi * share)) / 2)
        for group in optimizer.param_groups:
            group['lr'] = rate
        if len(order) < options.batch:
            order = list(random.permutation(len(pictures)))
        # Towards the end it sees pictures as they will be: no zoom, no tint.
        calm = share > options.calm_from
        chosen = [order.pop() for _ in range(options.batch)]
        images, target = batch([pictures.plain(i) if calm and random.random() < 0.7 else pictures.augmented(i, random) for i in chosen])
        net.train()
        # bfloat16 is 1.7 times as fast on a CPU that has it; the loss and the weights stay float32.
        with torch.autocast('cpu', torch.bfloat16, enabled=options.bfloat16):
            maps = net(images.contiguous(memory_format=torch.channels_last))
            taught = teacher.run(images.contiguous(memory_format=torch.channels_last), heads) if teacher else {}
        maps = [y.float() for y in maps]
        value = loss(maps, target, net, options.box)
        if teacher:
            mine = {name: y.permute(0, 1, 4, 2, 3).flatten(1, 2) for name, y in zip(heads, maps)}
            value = options.labels * value + distillation(mine, {name: y.float() for name, y in taught.items()})[0]
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10)
        optimizer.step()
        keep = 0.999 * (1 - math.exp(-step / 400))
        with torch.no_grad():
            for mine, theirs in zip(average.state_dict().values(), net.state_dict().values()):
                if mine.dtype.is_floating_point:
                    mine.lerp_(theirs, 1 - keep)
        running.append(float(value.detach()))
        if step % 100 == 0:
            print(f'{step} loss {np.mean(running[-100:]):.4f} rate {rate:.5f} {time.time() - start:.0f} s', flush=True)
        if step % options.every == 0 or share >= 1:
            folder = pathlib.Path(options.out)
            torch.save({'state': average.state_dict(), 'anchors': sizes.tolist(), 'width': options.width, 'step': step}, folder.with_suffix('.pt'))
            export(copy.deepcopy(average), options.out)
            print(json.dumps({'step': step, 'seconds': round(time.time() - start), **measure(average, held_out)}), flush=True)


if __name__ == '__main__':
    main()
