"""Recovery of any pruned network: it learns to answer as the network that it was made from. ONNX in, ONNX out; no labels.

    goshawk model optimize base.onnx ... --prune 0.5 --write-pruned pruned.onnx
    python3 recover.py --teacher base.onnx --pruned pruned.onnx --manifest bundle/ --train DIR --held-out DIR --out recovered.onnx
    torchrun --nproc_per_node 2 recover.py ...

`--manifest` is the bundle of the base (`goshawk model import`): it says how pictures are prepared. Both files run node by node
(onnx_module.py); what is compared is in distillation.py. With torchrun, every process draws pictures of its own and gradients are
averaged. Debian's torch has no libuv: there, start it with USE_LIBUV=0 TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 and
--rdzv-backend c10d --rdzv-endpoint FILE --rdzv-conf store_type=file, where FILE is a new one each time.

`--views N` gives every picture N fixed views, of which the teacher's answers are kept: from the second time round a step costs
the student alone, and a long schedule becomes affordable (Beyer et al., "Knowledge distillation: a good teacher is patient and
consistent", CVPR 2022). `--task FILE` adds what labels say (pictures.py, Unlabelled; models/street/labelled.py is one).

Needs torch, onnx, numpy and OpenCV (Debian: python3-torch python3-onnx python3-opencv).
"""
import argparse
import importlib.util
import json
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn as nn

from distillation import Distillation
from onnx_module import OnnxModule
from pictures import Unlabelled


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--teacher', required=True, help='the network before pruning')
    parser.add_argument('--pruned', required=True, help='what --write-pruned wrote')
    parser.add_argument('--manifest', help='bundle of the base, or its manifest.json; needed without --task')
    parser.add_argument('--train', nargs='+', required=True, help='folders with pictures')
    parser.add_argument('--held-out', required=True, help='folder with pictures that are only looked at')
    parser.add_argument('--out', required=True)
    parser.add_argument('--steps', type=int, default=4000)
    parser.add_argument('--minutes', type=float, default=math.inf, help='end the schedule by then, on a busy machine')
    parser.add_argument('--batch', type=int, default=8, help='pictures per process and step')
    parser.add_argument('--rate', type=float, default=8e-4, help='learning rate at the start')
    parser.add_argument('--power', type=float, default=2.0, help='the rate falls as (1 - t)^power')
    parser.add_argument('--temperature', type=float, default=1.0, help='of the soft targets')
    parser.add_argument('--scores', type=float, default=1.0, help='weight of the scores')
    parser.add_argument('--distributions', type=float, default=1.0, help='weight of the distributions')
    parser.add_argument('--values', type=float, default=1.0, help='weight of the values')
    parser.add_argument('--features', type=float, default=0.5, help='weight of the features in front of the heads')
    parser.add_argument('--task', help='a Python file whose class Task has pictures with labels')
    parser.add_argument('--labels', type=float, default=1.0, help='weight of the loss of --task')
    parser.add_argument('--views', type=int, default=0, help='fixed views of each picture; 0: a new one each time')
    parser.add_argument('--bfloat16', action='store_true', help='compute in halves; the weights stay float32')
    parser.add_argument('--no-norm', action='store_true', help='no batch norm while training')
    parser.add_argument('--every', type=int, default=500, help='steps between looks at the held-out pictures')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--seed', type=int, default=7)
    options = parser.parse_args()
    if not options.task and not options.manifest:
        parser.error('give --manifest, which says how pictures are prepared, or --task')
    return options


def task_of(options, student):
    if not options.task:
        return Unlabelled(options, student)
    spec = importlib.util.spec_from_file_location('task', options.task)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Task(options, student)


def tensor(samples, device):
    x = torch.from_numpy(np.stack([picture for picture, _ in samples])).to(device)
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


class Taught:
    """Samples with the teacher's answers; those of fixed views are asked once."""

    def __init__(self, pictures, teacher, names, options, random, device):
        self.pictures, self.teacher, self.names, self.options, self.random, self.device = pictures, teacher, names, options, random, device
        self.kept = {}

    def answers(self, x):
        with torch.no_grad(), torch.autocast(x.device.type, torch.bfloat16, enabled=self.options.bfloat16):
            return full(self.teacher.run(x, self.names))

    def take(self, picked):
        """Pictures, their labels, and the teacher's values by name."""
        if not self.options.views:
            samples = [self.sample(i, self.random) for i in picked]
            x = tensor(samples, self.device)
            return x, [labels for _, labels in samples], self.answers(x)
        keys = [(int(i), int(self.random.integers(self.options.views))) for i in picked]
        # The view is drawn again from its seed each time: only the answer takes memory.
        samples = [self.sample(i, np.random.default_rng([self.options.seed, i, view])) for i, view in keys]
        x = tensor(samples, self.device)
        new = [at for at, key in enumerate(keys) if key not in self.kept]
        if new:
            found = self.answers(x[new])
            for row, at in enumerate(new):
                self.kept[keys[at]] = {name: (v[row].half() if v.is_floating_point() else v[row]) for name, v in found.items()}
        taught = {name: torch.stack([self.kept[key][name] for key in keys]) for name in self.names}
        return x, [labels for _, labels in samples], full(taught)

    def sample(self, at, random):
        return self.pictures.augmented(at, random) if random.random() < 0.7 else self.pictures.plain(at)


def full(values):
    return {name: value.float() if value.is_floating_point() else value for name, value in values.items()}


def chosen(net):
    """Indices of every TopK: the student takes its teacher's, so that row n is the same query on both sides."""
    return [node.output[1] for node, _ in net.nodes if node.op_type == 'TopK']


@torch.no_grad()
def held_out_loss(teacher, student, distillation, pictures, batch, device):
    """How far the answers are apart; without the features, whose maps begin by chance."""
    total = 0.0
    for begin in range(0, len(pictures), batch):
        x = tensor([pictures.plain(i) for i in range(begin, min(begin + batch, len(pictures)))], device)
        taught = teacher.run(x, distillation.watched(1) + chosen(teacher))
        parts = distillation(student.run(x, distillation.watched(0), taught), taught)[1]
        total += sum(float(part) for name, part in parts.items() if name != 'features') * len(x)
    return total / len(pictures)


def main():
    o = arguments()
    world, rank = int(os.environ.get('WORLD_SIZE', 1)), int(os.environ.get('RANK', 0))
    cuda = torch.cuda.is_available()
    if world > 1:
        dist.init_process_group('nccl' if cuda else 'gloo')
    device = torch.device(f'cuda:{os.environ.get("LOCAL_RANK", 0)}' if cuda else 'cpu')
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    random = np.random.default_rng(o.seed + rank)
    teacher = OnnxModule(o.teacher).to(device).eval().requires_grad_(False)
    student = OnnxModule(o.pruned).to(device)
    task = task_of(o, student)
    train, held_out = task.pictures(o.train), task.pictures([o.held_out])
    few = tensor([train.plain(i % len(train)) for i in range(0, max(2, len(train)), max(1, len(train) // 16))][:16], device)
    together = [net.eval().free_batch(few) for net in (teacher, student)]
    distillation = Distillation(teacher, student, few, o)
    # Batch norm needs a batch.
    if not o.no_norm and student.free:
        student.normalize(few)
    parameters = [*student.parameters(), *distillation.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=o.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    taken = Taught(train, teacher, distillation.watched(1) + chosen(teacher), o, random, device)
    average = {name: value.detach().clone() for name, value in student.state_dict().items()}
    say = (lambda **line: print(json.dumps(line), flush=True)) if rank == 0 else (lambda **line: None)
    say(pictures=len(train), processes=world, device=str(device), together=together, heads=[head.describe() for head in distillation.heads])

    def look(step):
        student.eval()
        say(step=step, held_out=held_out_loss(teacher, student, distillation, held_out, o.batch, device), **task.measure(student, held_out))

    if rank == 0:
        look(0)
    warm = max(1, min(100, o.steps // 10))
    start, order, step, share = time.time(), [], 0, 0.0
    while share < 1:
        step += 1
        spent = torch.tensor((time.time() - start) / 60 / o.minutes, device=device)
        if world > 1:
            dist.all_reduce(spent, dist.ReduceOp.MAX)
        share = min(1.0, max(step / o.steps, float(spent)))
        rate = o.rate * (step / warm if step < warm else max(0.01, (1 - share) ** o.power))
        for group in optimizer.param_groups:
            group['lr'] = rate
        student.train()
        optimizer.zero_grad(set_to_none=True)
        order = order if len(order) >= o.batch else list(random.permutation(len(train)))
        picked = [order.pop() for _ in range(min(o.batch, len(order)))]
        x, labels, taught = taken.take(picked)
        with torch.autocast(device.type, torch.bfloat16, enabled=o.bfloat16):
            mine = full(student.run(x, distillation.watched(0), taught))
        value, parts = distillation(mine, taught)
        value = value + o.labels * task.loss(mine, labels)
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
        if step % 50 == 0:
            say(step=step, loss=round(float(value.detach()), 4), rate=rate, seconds=round(time.time() - start),
                **{name: round(float(part), 4) for name, part in parts.items()})
        if step % o.every == 0 or share >= 1:
            own = {name: value.detach().clone() for name, value in student.state_dict().items()}
            student.load_state_dict(average)
            if rank == 0:
                look(step)
                student.save(o.out)
            student.load_state_dict(own)
    if world > 1:
        dist.barrier()
        dist.destroy_process_group()


if __name__ == '__main__':
    main()
